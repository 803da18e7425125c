-- no-writes
-- KEYS parked, stuck · gives the contacts with events that wait for a newer release
if redis.call('HLEN', KEYS[2]) == 0 then
  return {}
end
local found, seen = {}, {}
for _, entry in ipairs(redis.call('XRANGE', KEYS[1], '-', '+')) do
  local contact, newer = '', false
  for i = 1, #entry[2], 2 do
    if entry[2][i] == 'c' then
      contact = entry[2][i + 1]
    end
    newer = newer or entry[2][i] == 'n'
  end
  if newer and not seen[contact] then
    seen[contact] = true
    found[#found + 1] = contact
  end
end
return found
