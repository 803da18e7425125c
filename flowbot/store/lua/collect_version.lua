-- Throws a flow version away that nobody has had a use for, for long enough.
-- KEYS version, used · ARGV now, ms without a use · gives 1 when it is gone
local used = tonumber(redis.call('GET', KEYS[2]))
if not used then
  redis.call('SET', KEYS[2], ARGV[1])
  return 0
end
if tonumber(ARGV[1]) - used < tonumber(ARGV[2]) then return 0 end
redis.call('DEL', KEYS[1], KEYS[2])
return 1
