-- Keeps a call until its answer comes by itself, or its time is over.
-- KEYS calls, records · ARGV call, record, ms UTC when its time is over · gives 1, or 0 when it is gone
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then
  return 0
end
redis.call('ZADD', KEYS[1], 'XX', ARGV[3], ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
return 1
