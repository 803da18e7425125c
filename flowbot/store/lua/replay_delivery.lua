-- Sends a delivery again, under the same id, and gives a switched-off endpoint another chance.
-- KEYS due, delivery, endpoint · ARGV delivery, hook, partition, type, now, ms to remember.
local now = clock(ARGV[5])
redis.call('HSET', KEYS[2], 'hook', ARGV[2], 'partition', ARGV[3], 'type', ARGV[4], 'state', 'pending', 'attempts', 0, 'refused', 0)
redis.call('PEXPIRE', KEYS[2], ARGV[6])
redis.call('HDEL', KEYS[3], 'disabled', 'disabled_at', 'open_until', 'fails', 'failing_since')
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[6])
return 1
