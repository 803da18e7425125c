-- A status of a message that the provider calls by a name we never heard: is it the one on its way to that contact?
-- KEYS the seats of a partition · ARGV tag, contact, channel, the provider's name, at (ms), now.
-- Answers the message when nobody waits for its answer any more; else notes the name with it, in case nobody does later.
local tag, contact, channel, provider = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local at, now = tonumber(ARGV[5]) or 0, clock(ARGV[6])
local id = redis.call('HGET', KEYS[1], contact .. '|' .. channel)
if not id then return '' end
local key = tag .. 'm:' .. id
local m = redis.call('HMGET', key, 'state', 'provider_id', 'log')
if (m[1] ~= 'sending' and m[1] ~= 'unknown') or (m[2] or '') ~= '' then return '' end
local began = tonumber(string.match(m[3] or '', '.*sending@(%d+)')) or 0
if at <= 0 then at = now end
if at < began - 1000 or at > now + 1000 then return '' end -- providers count in seconds; another message's
if m[1] == 'unknown' then return id end
redis.call('HSETNX', key, 'maybe', provider)
return ''
