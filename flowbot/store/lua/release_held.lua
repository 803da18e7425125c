-- What a paused broadcast put aside goes back to the end of its queues, or ends with it.
-- KEYS the held messages · ARGV tag, now, at most, resume or cancel. How many there were.
local tag, now = ARGV[1], clock(ARGV[2])
local ids = redis.call('LPOP', KEYS[1], ARGV[3]) or {}
for _, id in ipairs(ids) do
  local m = redis.call('HMGET', tag .. 'm:' .. id, 'state', 'lane', 'contact', 'ch')
  if m[1] == 'queued' and ARGV[4] == 'cancel' then
    message_settle(tag, id, 'cancelled', now, 'cancelled', CANCELLED)
  elseif m[1] == 'queued' then
    redis.call('RPUSH', tag .. 'q:' .. m[2] .. ':' .. m[3] .. ':' .. m[4], id)
    message_wake(tag, m[2], m[3], m[4], now)
  end
end
if #ids > 0 and ARGV[4] ~= 'cancel' then redis.call('SPUBLISH', tag .. 'wake:out', '1') end
return #ids
