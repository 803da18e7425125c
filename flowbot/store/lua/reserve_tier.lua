-- The first moment from now on when the contact may be written to, so that no 24 hours hold more contacts than may be; it
-- counts from then on. Asked again for the same contact it has its place.
-- KEYS contacted · ARGV contact, now, contacts that may be, ms that one counts · gives ms UTC
local contact, now, most, span = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - span)
local has = redis.call('ZSCORE', KEYS[1], contact)
if has then return math.max(now, tonumber(has)) end
local at, count = now, redis.call('ZCARD', KEYS[1])
if count >= most then
  local place = redis.call('ZRANGE', KEYS[1], count - most, count - most, 'WITHSCORES')
  at = math.max(now, tonumber(place[2]) + span)
end
redis.call('ZADD', KEYS[1], string.format('%.0f', at), contact)
if redis.call('PTTL', KEYS[1]) < at - now + span then redis.call('PEXPIRE', KEYS[1], string.format('%.0f', at - now + span)) end
return at
