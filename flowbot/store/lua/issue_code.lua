-- A one-time code takes the place of the one before; wrong tries of that one count on. Its message is queued, or it is
-- held until somebody else has sent it. One that is locked stays so until its time is over.
-- KEYS calls, records, tries, in, wake, code, counters, history · ARGV tag, call, contact, channel, now, seal, ms that it is
-- valid, wrong tries until it is locked, flow, the answer sent, the answer locked, then the message as push_messages
-- takes it (without one the code is held) and, on a simulated channel alone, what its history shows.
-- Gives sent, locked; held; again: it was held for this call before; gone: nobody waits for it.
local tag, call, contact, channel, now = ARGV[1], ARGV[2], ARGV[3], ARGV[4], clock(ARGV[5])
local function done(event)
  return call_done(KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], call, contact, channel, event)
end

if not redis.call('ZSCORE', KEYS[1], call) then return 'gone' end
local old = redis.call('HMGET', KEYS[6], 'until', 'left', 'call')
if old[3] == call then return 'again' end
local left = tonumber(ARGV[8])
if old[1] and tonumber(old[1]) > now then left = math.min(left, tonumber(old[2])) end
if left <= 0 then
  done(ARGV[11])
  return 'locked'
end

local held = #ARGV < 12
redis.call('HSET', KEYS[6], 'seal', ARGV[6], 'until', string.format('%.0f', now + ARGV[7]), 'left', left, 'call', call)
redis.call('PEXPIRE', KEYS[6], ARGV[7])
redis.call('HINCRBY', KEYS[7], 'code.sent:' .. ARGV[9], 1)
if held then return 'held' end
messages_push(tag, server_ms(), ARGV, 12, 19) -- by the real clock: that of a simulated session may be ahead
redis.call('SPUBLISH', tag .. 'wake:out', '1')
if ARGV[20] then redis.call('XADD', KEYS[8], '*', 'out', ARGV[20]) end
done(ARGV[10])
return 'sent'
