-- The contacts of a chunk have been told. KEYS the broadcast, its chunks · ARGV the chunk's number, what stays of it.
if redis.call('HGET', KEYS[1], 'edited') ~= ARGV[1] then return 0 end
redis.call('LSET', KEYS[2], ARGV[1], ARGV[2])
redis.call('HSET', KEYS[1], 'edited', ARGV[1] + 1)
return 1
