-- Takes an account's own template away. KEYS hash · ARGV name · Answers whether there was one.
if redis.call('HDEL', KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call('HINCRBY', KEYS[1], '#', 1)
return 1
