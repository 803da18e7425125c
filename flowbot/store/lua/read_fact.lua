-- no-writes
-- A fact and the ms that it still holds; nothing when there is none.
-- KEYS the fact
local value = redis.call('GET', KEYS[1])
if not value then return {} end
return { value, redis.call('PTTL', KEYS[1]) }
