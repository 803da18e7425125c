-- Puts a broadcast's messages into their contacts' queues, or on record as failed; one that is there stays as it is.
-- KEYS any key of the partition · ARGV tag, broadcast, now, ms that its counters are kept, then twelve for each message:
-- id, lane, channel, contact, purpose, policy, expires, body, to, code ('' to queue it), reason, the time from when on it
-- may leave (0: at once). How many were new.
local tag, now, new, woken = ARGV[1], clock(ARGV[3]), 0, {}
local counts, at = tag .. 'b:' .. ARGV[2], string.format('%.0f', now)
local due = ARGV[6] and redis.call('ZSCORE', tag .. 'due', ARGV[6] .. '|' .. ARGV[7]) or nil
for i = 5, #ARGV, 12 do
  if message_add(tag, at, ARGV, i, 'to', ARGV[i + 8]) then
    new = new + 1
    if ARGV[i + 11] ~= '0' then redis.call('HSET', tag .. 'm:' .. ARGV[i], 'from', ARGV[i + 11]) end
    woken[ARGV[i + 1] .. '|' .. ARGV[i + 2]] = true
    if ARGV[i + 9] == '' then redis.call('HINCRBY', tag .. 'nt', ARGV[i + 3], 1)
    else message_settle(tag, ARGV[i], 'failed', now, ARGV[i + 9], ARGV[i + 10]) end
  end
end
if new > 0 then
  for member in pairs(woken) do redis.call('ZADD', tag .. 'due', 'LT', now, member) end
  redis.call('HINCRBY', counts, 'made', new)
  redis.call('PEXPIRE', counts, ARGV[4])
  redis.call('PEXPIRE', tag .. 'bf:' .. ARGV[2], ARGV[4])
  -- where something of the lane is due already, the sender comes for it in any case
  if not due or tonumber(due) > now then redis.call('SPUBLISH', tag .. 'wake:out', '1') end
end
return new
