-- Takes up to `want` tokens from a channel's bucket, unless the channel is paused; some are left for who may take them.
-- KEYS rate, pause · ARGV tokens a second, bucket size, want, now, how many stay.
-- Answers: taken, ms until there is one again, the kind of pause.
local rate, size, want, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), clock(ARGV[4])
local stop = redis.call('HMGET', KEYS[2], 'until', 'kind')
if stop[1] and tonumber(stop[1]) > now then return { 0, math.ceil(tonumber(stop[1]) - now), stop[2] } end
local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens, at = tonumber(bucket[1]) or size, tonumber(bucket[2]) or now
tokens = math.min(size, tokens + math.max(0, now - at) * rate / 1000)
local stay = tonumber(ARGV[5]) or 0
local taken = math.max(0, math.min(want, math.floor(tokens - stay)))
tokens = tokens - taken
redis.call('HSET', KEYS[1], 'tokens', string.format('%.6f', tokens), 'at', string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], 60000 + math.ceil(size / rate * 1000))
if stop[1] and taken > 0 then redis.call('HINCRBY', KEYS[2], 'since', taken) end
local wait = 0
if taken == 0 then wait = math.max(1, math.ceil((1 + stay - tokens) / rate * 1000)) end
return { taken, wait, '' }
