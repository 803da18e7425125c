-- What became of one attempt. A success counts whenever it comes; anything else only for the attempt that is on its way.
-- KEYS the message · ARGV tag, id, attempt, outcome (sent, again, failed, leave), now, provider id, code, reason,
-- wait ms, counter that rises or '', 'recipient' when the contact is to be left alone that long.
-- Answers the state, or 'gone', 'stale'.
local tag, id, attempt, outcome, now = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], clock(ARGV[5])
local provider, code, reason, wait, counter, pause = ARGV[6], ARGV[7], ARGV[8], tonumber(ARGV[9]), ARGV[10], ARGV[11]
local key = tag .. 'm:' .. id
local m = redis.call('HMGET', key, 'state', 'attempt', 'lane', 'contact', 'ch', 'sent_at', 'provider_id')
local state, lane, contact, channel = m[1], m[3], m[4], m[5]
if not state then return 'gone' end
local mine = tonumber(m[2]) == attempt and (state == 'sending' or state == 'unknown')

if outcome == 'sent' then
  if state == 'sent' or (state == 'failed' and m[7] == provider) then
    redis.call('HSETNX', key, 'provider_id', provider) -- its status was quicker than our own answer
    redis.call('HSETNX', key, 'sent_at', now)
    return state
  end
  redis.call('HSET', key, 'provider_id', provider, 'sent_at', now)
  if state == 'sending' and not mine then return 'stale' end -- the next attempt is out: its answer settles
  message_settle(tag, id, 'sent', now)
  return 'sent'
end
if not mine then return 'stale' end
if outcome == 'leave' then
  redis.call('HSET', key, 'error', reason)
  return state
end
if m[6] then -- an earlier attempt has turned out to be sent
  message_settle(tag, id, 'sent', now)
  return 'sent'
end
if outcome == 'failed' then
  message_settle(tag, id, 'failed', now, code, reason)
  return 'failed'
end

message_turn(key, 'queued', now)
redis.call('HDEL', key, 'maybe')
redis.call('HSET', key, 'code', code, 'error', reason)
if counter ~= '' then redis.call('HINCRBY', key, counter, 1) end
redis.call('ZREM', tag .. 'dl', id)
redis.call('HDEL', tag .. 'fly', contact .. '|' .. channel)
local at = now + wait
for _, other in ipairs({ 'r', 'b' }) do
  if redis.call('EXISTS', tag .. 'q:' .. other .. ':' .. contact .. ':' .. channel) == 1 then
    local from = (other == lane or pause == 'recipient') and at or now
    redis.call('ZADD', tag .. 'rd:' .. other .. ':' .. channel, from, contact)
    redis.call('ZADD', tag .. 'due', 'LT', from, other .. '|' .. channel)
  end
end
return 'queued'
