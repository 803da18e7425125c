-- Remembers which message a provider's id belongs to; answers the statuses that came before that was known.
-- KEYS pointer, parked list · ARGV message id, ms to keep.
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return redis.call('LRANGE', KEYS[2], 0, -1)
