-- A call is done: it leaves its queue, and its answer enters the contact's inbox, in one.
-- KEYS calls, records, tries, answered, in, ins, wake · ARGV call, contact, channel, event, ms to remember the answer (0: not)
-- gives ok; again: it was answered before; gone: nobody waits for it
if redis.call('ZREM', KEYS[1], ARGV[1]) == 0 then
  return redis.call('EXISTS', KEYS[4]) == 1 and 'again' or 'gone'
end
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('HDEL', KEYS[3], ARGV[1])
if tonumber(ARGV[5]) > 0 then
  redis.call('SET', KEYS[4], '1', 'PX', ARGV[5])
end
if inbox_add(KEYS[5], KEYS[6], ARGV[3], 'c', ARGV[2], 'h', ARGV[3], 'e', ARGV[4]) then
  redis.call('SPUBLISH', KEYS[7], 'in')
end
return 'ok'
