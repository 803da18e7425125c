-- Keeps a status whose message is not known yet; answers the message's id instead when it is.
-- KEYS pointer, parked list · ARGV receipt, ms to keep, most to keep.
local id = redis.call('GET', KEYS[1])
if id then return id end
redis.call('RPUSH', KEYS[2], ARGV[1])
redis.call('LTRIM', KEYS[2], -tonumber(ARGV[3]), -1)
redis.call('PEXPIRE', KEYS[2], ARGV[2])
return ''
