-- Pauses a channel: longer each time it follows on another pause, the same when many sends ask for it at once.
-- When a good number of sends went well for a good while since the last pause, the next one is a first one again.
-- KEYS pause, rate · ARGV kind, ms at least, ms of the first pause, ms at most, now.
-- Answers: until, how many in a row, 1 when it is new, ms from now.
local kind, least, base, cap, now = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), clock(ARGV[5])
local GOOD_SENDS, GOOD_WHILE = 50, 5000
local old = redis.call('HMGET', KEYS[1], 'until', 'row', 'since', 'kind')
local ends, row = tonumber(old[1]) or 0, tonumber(old[2]) or 0
if (tonumber(old[3]) or 0) >= GOOD_SENDS and now - ends >= GOOD_WHILE then row = 0 end
if ends > now and ends >= now + least then return { ends, row, 0, ends - now } end
if old[4] ~= kind then row = 0 end -- the first refusal after some throttling is a first one
if ends <= now then row = row + 1 end
if row < 1 then row = 1 end
local wait = math.max(least, math.min(cap, base * 2 ^ (row - 1)))
redis.call('HSET', KEYS[1], 'until', string.format('%.0f', now + wait), 'row', row, 'kind', kind, 'since', 0)
redis.call('PEXPIRE', KEYS[1], math.ceil(wait * 2 + 60000)) -- quiet for a while: the next pause is a first one again
redis.call('HSET', KEYS[2], 'tokens', 0, 'at', string.format('%.0f', now + wait))
return { now + wait, row, 1, wait }
