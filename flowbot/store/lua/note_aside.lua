-- Notes the id of a body set aside beside its channel; the oldest fall out.
-- KEYS the channel's list · ARGV id, now, ms to keep, most to keep. Answers how many there are.
local key, now = KEYS[1], tonumber(ARGV[2])
redis.call('ZADD', key, now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', key, '-inf', now - tonumber(ARGV[3]))
redis.call('ZREMRANGEBYRANK', key, 0, -tonumber(ARGV[4]) - 1)
redis.call('PEXPIRE', key, ARGV[3])
return redis.call('ZCARD', key)
