-- The one script that applies an event: all of it or nothing. Check first, write last.
-- KEYS lease, in, session, then one key for each write
-- ARGV owner, epoch, entry, old version, new session, JSON of the writes: of each its command and arguments; then the
-- bodies, in the order of the nulls that stand for them
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
local body = 6
for i, write in ipairs(cjson.decode(ARGV[6])) do
  for at, part in ipairs(write) do
    if part == cjson.null then
      body = body + 1
      write[at] = ARGV[body]
    end
  end
  if write[1] == 'QUEUE' then
    messages_push(string.match(KEYS[3 + i], '^{[^}]*}'), write[2], write, 3, #write)
  else
    redis.call(write[1], KEYS[3 + i], unpack(write, 2))
  end
end
return 'ok'
