-- The one script that applies an event: all of it or nothing. Check first, write last.
-- KEYS lease, in, session, then one key for each write
-- ARGV owner, epoch, entry, old version, new session, then for each write: number of its arguments, command, arguments
-- gives ok; fenced: another owner; stale: the session moved on; gone: the entry was applied or taken away
if not holds(KEYS[1], ARGV[1], ARGV[2]) then
  return 'fenced'
end
local version = string.match(redis.call('GETRANGE', KEYS[3], 0, 20), '^%d+') or '0'
if version ~= ARGV[4] then
  if #redis.call('XRANGE', KEYS[2], ARGV[3], ARGV[3]) == 0 then
    return 'gone'
  end
  return 'stale'
end
if redis.call('XDEL', KEYS[2], ARGV[3]) == 0 then
  return 'gone'
end
redis.call('SET', KEYS[3], ARGV[5])
local at = 6
for key = 4, #KEYS do
  local count = tonumber(ARGV[at])
  redis.call(ARGV[at + 1], KEYS[key], unpack(ARGV, at + 2, at + 1 + count))
  at = at + 2 + count
end
return 'ok'
