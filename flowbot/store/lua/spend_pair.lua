-- A contact has had too many messages, the provider says: what its pair limit allows at once counts as used up.
-- KEYS the message · ARGV tag, the channel that reports it, pair interval ms, pair burst, now. Answers 1, or 0: not its.
local tag, channel, now = ARGV[1], ARGV[2], clock(ARGV[5])
local m = redis.call('HMGET', KEYS[1], 'contact', 'ch')
if not m[1] or m[2] ~= channel then return 0 end
local key = tag .. 'pl:' .. m[1] .. ':' .. channel
local ahead = tonumber(ARGV[3]) * tonumber(ARGV[4])
local spent = math.max(tonumber(redis.call('GET', key) or 0), now + ahead)
redis.call('SET', key, string.format('%.0f', spent), 'PX', math.max(1, math.ceil(spent - now)))
return 1
