-- What became of one attempt at a delivery, for the queue, the log and the endpoint's breaker.
-- KEYS due, delivery, endpoint, log · ARGV delivery, attempt, outcome (delivered, again, failed, gone, disable), wait ms,
-- status, ms, error, now, ms of failures that switch it off, ms to remember.
-- Answers the endpoint's state: ok, open, or disabled.
local id, attempt, outcome, wait, now = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), clock(ARGV[8])
local FAILS, FIRST, MOST = 5, 15000, 600000 -- after so many in a row it is left alone, ms, and at most so long
redis.call('XADD', KEYS[4], 'MAXLEN', '~', 10000, '*', 'id', id, 'attempt', attempt, 'outcome', outcome,
  'status', ARGV[5], 'ms', ARGV[6], 'error', ARGV[7])
redis.call('PEXPIRE', KEYS[4], ARGV[10])
if redis.call('EXISTS', KEYS[2]) == 1 then
  local state = ({ delivered = 'delivered', again = 'pending', disable = 'pending' })[outcome] or 'failed'
  redis.call('HSET', KEYS[2], 'state', state, 'status', ARGV[5], 'ms', ARGV[6], 'error', ARGV[7], 'tried_at', now)
  if outcome == 'again' then redis.call('HINCRBY', KEYS[2], 'refused', 1) end
  redis.call('PEXPIRE', KEYS[2], ARGV[10])
end
if outcome == 'again' then
  redis.call('ZADD', KEYS[1], 'XX', now + wait, id)
  redis.call('PEXPIRE', KEYS[1], ARGV[10])
elseif outcome ~= 'disable' then
  redis.call('ZREM', KEYS[1], id)
end
if outcome == 'delivered' then
  redis.call('HDEL', KEYS[3], 'failing_since', 'fails', 'open_until')
  redis.call('HINCRBY', KEYS[3], 'delivered', 1)
  return 'ok'
end
redis.call('HINCRBY', KEYS[3], outcome == 'disable' and 'failed' or outcome, 1)
if outcome == 'gone' then return 'ok' end -- our own loss, not the endpoint's
redis.call('HSETNX', KEYS[3], 'failing_since', now)
local since = tonumber(redis.call('HGET', KEYS[3], 'failing_since'))
if outcome == 'disable' or now - since >= tonumber(ARGV[9]) then
  redis.call('HSET', KEYS[3], 'disabled', outcome == 'disable' and 'gone' or 'failing', 'disabled_at', now)
  return 'disabled'
end
-- what was under way when it was left alone says nothing new: one stall would count once for each of forty in flight
if (tonumber(redis.call('HGET', KEYS[3], 'open_until')) or 0) > now then return 'open' end
local fails = redis.call('HINCRBY', KEYS[3], 'fails', 1)
if fails >= FAILS then
  local pause = math.min(MOST, FIRST * 2 ^ math.min(fails - FAILS, 10))
  redis.call('HSET', KEYS[3], 'open_until', string.format('%.0f', now + pause))
  return 'open'
end
return 'ok'
