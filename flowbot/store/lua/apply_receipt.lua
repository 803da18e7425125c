-- Applies a provider's status to our message: forward only, and a success beats any failure.
-- KEYS the message · ARGV tag, id, status, at, provider id, code, reason, now, the channel that reports it.
-- Answers the message's state, 'gone', or 'ignored'.
local tag, id, status, at = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local provider, code, reason, now = ARGV[5], ARGV[6], ARGV[7], clock(ARGV[8])
local FIELD = { sent = 'accepted_at', delivered = 'delivered_at', read = 'read_at', played = 'read_at' }
local key = tag .. 'm:' .. id
local m = redis.call('HMGET', key, 'state', 'attempt', 'provider_id', 'delivered_at', 'read_at', 'failed_at', 'ch', 'contact')
local state, known = m[1], m[3] or ''
if not state then return 'gone' end
if m[7] ~= ARGV[9] then return 'ignored' end -- our ids are no secret: only the message's own channel speaks of it
if (tonumber(m[2]) or 0) == 0 then return 'ignored' end -- never sent: not about this message
if tonumber(at) == nil or tonumber(at) <= 0 then at = string.format('%.0f', now) end

if m[8] and status ~= 'sent' then message_arrived(tag, id, m[8], m[7], now) end
if FIELD[status] then
  local fresh = redis.call('HSETNX', key, FIELD[status], at) == 1
  if fresh then
    redis.call('HINCRBY', tag .. 'n', 'receipt.' .. status, 1)
    if m[8] and status ~= 'sent' then redis.call('DEL', tag .. 'doubt:' .. m[8]) end
    local broadcast = broadcast_of(id)
    if broadcast then redis.call('HINCRBY', tag .. 'b:' .. broadcast, FIELD[status], 1) end
    if state == 'sent' and status ~= 'sent' then
      message_turn(key, status, now)
      redis.call('HSET', key, 'state', 'sent')
    end
  end
  if known == '' and provider ~= '' then redis.call('HSET', key, 'provider_id', provider) end
  -- 'sent' may come late, after the same message's failure; only a delivery undoes that.
  if state == 'failed' and status == 'sent' and known == provider then return state end
  if state ~= 'sent' then message_settle(tag, id, 'sent', now) end
  if fresh and status ~= 'sent' then message_told(tag, id, status == 'played' and 'read' or status, now) end
  return 'sent'
end
if status ~= 'failed' then return 'ignored' end
if known ~= '' and provider ~= '' and known ~= provider then return 'ignored' end -- another attempt's
if known == '' and (tonumber(m[2]) or 0) > 1 then return 'ignored' end -- which attempt's is not sure
if m[4] or m[5] or state == 'failed' then
  redis.call('HSETNX', key, 'failed_at', at)
  return state
end
if provider ~= '' then redis.call('HSET', key, 'provider_id', provider) end
redis.call('HINCRBY', tag .. 'n', 'receipt.failed', 1)
message_settle(tag, id, 'failed', now, code, reason)
return 'failed'
