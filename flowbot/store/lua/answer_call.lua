-- A call is done: it leaves its queue, and its answer enters the contact's inbox, in one.
-- KEYS calls, records, tries, answered, in, wake · ARGV call, contact, channel, event, ms to remember the answer (0: not)
-- gives ok; again: it was answered before; gone: nobody waits for it
if redis.call('ZREM', KEYS[1], ARGV[1]) == 0 then
  return redis.call('EXISTS', KEYS[4]) == 1 and 'again' or 'gone'
end
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('HDEL', KEYS[3], ARGV[1])
if tonumber(ARGV[5]) > 0 then
  redis.call('SET', KEYS[4], '1', 'PX', ARGV[5])
end
redis.call('XADD', KEYS[5], '*', 'c', ARGV[2], 'h', ARGV[3], 'e', ARGV[4])
if redis.call('XLEN', KEYS[5]) == 1 then
  redis.call('SPUBLISH', KEYS[6], 'in')
end
return 'ok'
