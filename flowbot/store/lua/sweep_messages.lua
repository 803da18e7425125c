-- Settles what got no answer. Past its deadline a message is `unknown`; past the grace it is sent again or has failed,
-- as its policy says; never again past its expiry, and not for ever.
-- KEYS dl · ARGV tag, now, limit, grace ms before it is sent again, grace ms before it has failed, most attempts.
-- Answers {id, state} of each that moved.
local tag, now, limit = ARGV[1], clock(ARGV[2]), tonumber(ARGV[3])
local grace = { resend = tonumber(ARGV[4]), fail = tonumber(ARGV[5]) }
local most, moved = tonumber(ARGV[6]), {}
local BACK_OFF = { 0, 20000, 60000, 180000 } -- ms before the second, third … attempt

-- Nobody answered, and the provider has told of a message to this contact that can only be this one.
local function told(id, key)
  local maybe = redis.call('HGET', key, 'maybe')
  if not maybe then return false end
  redis.call('HSET', key, 'provider_id', maybe)
  message_settle(tag, id, 'sent', now)
  return true
end

local function doubt(id, key, m)
  local policy = m[2] == 'fail' and 'fail' or 'resend'
  message_turn(key, 'unknown', now)
  redis.call('ZADD', tag .. 'dl', now + grace[policy], id)
  if policy == 'fail' then -- it is never sent again, so it need not hold up the others
    message_leave(tag, id, m[3], m[4], m[5])
    message_free(tag, id, m[4], m[5], now)
  end
end

local function decide(id, key, m)
  local attempt, expires = tonumber(m[6]) or 1, tonumber(m[7]) or 0
  if m[2] == 'fail' or attempt >= most or (expires > 0 and expires <= now) then
    message_settle(tag, id, 'failed', now, 'unknown', m[8] or 'no answer')
    return 'failed'
  end
  local at = now + (BACK_OFF[attempt] or 180000)
  message_turn(key, 'queued', now)
  redis.call('HINCRBY', tag .. 'n', 'message.resent', 1)
  redis.call('ZREM', tag .. 'dl', id)
  message_wake(tag, m[3], m[4], m[5], at)
  message_free(tag, id, m[4], m[5], now)
  return 'queued'
end

for _, id in ipairs(redis.call('ZRANGEBYSCORE', tag .. 'dl', '-inf', now, 'LIMIT', 0, limit)) do
  local key = tag .. 'm:' .. id
  local m = redis.call('HMGET', key, 'state', 'policy', 'lane', 'contact', 'ch', 'attempt', 'expires', 'error')
  if m[1] == 'sending' and told(id, key) then
    moved[#moved + 1] = { id, 'sent' }
  elseif m[1] == 'sending' then
    doubt(id, key, m)
    moved[#moved + 1] = { id, 'unknown' }
  elseif m[1] == 'unknown' then
    moved[#moved + 1] = { id, decide(id, key, m) }
  else
    redis.call('ZREM', tag .. 'dl', id)
  end
end
return moved
