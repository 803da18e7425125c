-- The one script that applies an event: all of it or nothing. Check first, write last.
-- KEYS lease, in, session, then one key for each write
-- ARGV owner, epoch, entry, old version, new session, then for each write: number of its arguments, command, arguments;
-- QUEUE is none of the store's commands: its key is any of the partition, its arguments now and the messages to queue
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
  local command, first, last = ARGV[at + 1], at + 2, at + 1 + tonumber(ARGV[at])
  if command == 'QUEUE' then
    messages_push(string.match(KEYS[key], '^{[^}]*}'), ARGV[first], ARGV, first + 1, last)
  else
    redis.call(command, KEYS[key], unpack(ARGV, first, last))
  end
  at = last + 1
end
return 'ok'
