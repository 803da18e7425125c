-- The messages of a chunk are queued. KEYS the broadcast, its chunks · ARGV the chunk's number, what it held, what stays
-- of it, whether contacts' records are still to be told of it. 0 when it is not as it was.
local number = ARGV[1]
if redis.call('HGET', KEYS[1], 'cursor') ~= number or redis.call('LINDEX', KEYS[2], number) ~= ARGV[2] then return 0 end
local edited = redis.call('HGET', KEYS[1], 'edited') or number
if edited == number and ARGV[4] == '0' then edited = number + 1 end
redis.call('LSET', KEYS[2], number, ARGV[3])
redis.call('HSET', KEYS[1], 'cursor', number + 1, 'edited', edited)
return 1
