-- KEYS the upload's chunks · ARGV a chunk, ms until they are forgotten. How many there are.
local count = redis.call('RPUSH', KEYS[1], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return count
