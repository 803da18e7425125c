-- Puts other recipients in a chunk's place, if it is as it was and there is still something to be done for it.
-- KEYS the broadcast, its chunks · ARGV the chunk's number, what it held, what it is to hold. Answers 1, or 0.
local passed = tonumber(redis.call('HGET', KEYS[1], 'edited') or redis.call('HGET', KEYS[1], 'cursor') or '0')
if passed > tonumber(ARGV[1]) or redis.call('LINDEX', KEYS[2], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('LSET', KEYS[2], ARGV[1], ARGV[3])
return 1
