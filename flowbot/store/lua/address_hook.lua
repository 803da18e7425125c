-- Puts a hook into an endpoint's queue, once for ever (as long as the delivery is remembered).
-- KEYS due, delivery, endpoint · ARGV delivery, hook, partition, type, now, ms to remember.
-- Answers 1 when it is new.
local now = clock(ARGV[5])
if redis.call('HSETNX', KEYS[2], 'hook', ARGV[2]) == 0 then return 0 end
redis.call('HSET', KEYS[2], 'state', 'pending', 'partition', ARGV[3], 'type', ARGV[4], 'at', now, 'attempts', 0, 'refused', 0)
redis.call('PEXPIRE', KEYS[2], ARGV[6])
redis.call('ZADD', KEYS[1], 'NX', now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[6]) -- of a switched-off endpoint: no longer kept
redis.call('PEXPIRE', KEYS[1], ARGV[6]) -- an endpoint that is no more leaves nothing behind
redis.call('HINCRBY', KEYS[3], 'addressed', 1)
return 1
