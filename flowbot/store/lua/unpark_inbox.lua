-- KEYS ins, wake, parked, stuck · ARGV contact · gives how many parked events of the contact went back to the inbox
if redis.call('HDEL', KEYS[4], ARGV[1]) == 0 then
  return 0
end

-- Takes the contact's entries out of a stream, and gives their fields, in order.
local function pick(stream)
  local found = {}
  for _, entry in ipairs(redis.call('XRANGE', stream, '-', '+')) do
    local fields, own = {}, false
    for i = 1, #entry[2], 2 do
      local name, value = entry[2][i], entry[2][i + 1]
      if name == 'c' then
        own = value == ARGV[1]
      end
      if name ~= 'from' and name ~= 'n' then
        fields[#fields + 1] = name
        fields[#fields + 1] = value
      end
    end
    if own then
      redis.call('XDEL', stream, entry[1])
      found[#found + 1] = fields
    end
  end
  return found
end

local parked = pick(KEYS[3])
if #parked == 0 then
  return 0
end
local channel = ''
for i = 1, #parked[1], 2 do
  if parked[1][i] == 'h' then
    channel = parked[1][i + 1]
  end
end
-- What came later, and was not looked at yet, has to stay behind.
local inbox = inbox_of(string.match(KEYS[1], '^{[^}]*}'), channel)
local later = pick(inbox)
for _, fields in ipairs(parked) do
  inbox_add(inbox, KEYS[1], channel, unpack(fields))
end
for _, fields in ipairs(later) do
  inbox_add(inbox, KEYS[1], channel, unpack(fields))
end
redis.call('SPUBLISH', KEYS[2], 'in')
return #parked
