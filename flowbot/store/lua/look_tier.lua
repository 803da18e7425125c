-- no-writes
-- KEYS contacted · ARGV since · gives how many contacts since then, and when the first of them was
local first = redis.call('ZRANGE', KEYS[1], '(' .. ARGV[1], '+inf', 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES')
return { redis.call('ZCOUNT', KEYS[1], '(' .. ARGV[1], '+inf'), tonumber(first[2]) or 0 }
