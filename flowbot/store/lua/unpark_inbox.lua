-- KEYS in, wake, parked, stuck · ARGV contact · gives how many events of the contact went back to the inbox, in order
if redis.call('HDEL', KEYS[4], ARGV[1]) == 0 then
  return 0
end
local moved = 0
for _, entry in ipairs(redis.call('XRANGE', KEYS[3], '-', '+')) do
  local fields, own = {}, false
  for i = 1, #entry[2], 2 do
    local name, value = entry[2][i], entry[2][i + 1]
    if name == 'c' then
      own = value == ARGV[1]
    end
    if name ~= 'from' then
      fields[#fields + 1] = name
      fields[#fields + 1] = value
    end
  end
  if own then
    redis.call('XADD', KEYS[1], '*', unpack(fields))
    redis.call('XDEL', KEYS[3], entry[1])
    moved = moved + 1
  end
end
redis.call('SPUBLISH', KEYS[2], 'in')
return moved
