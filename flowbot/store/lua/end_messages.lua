-- Messages of a cancelled broadcast that wait end here; what is on its way is not called back.
-- KEYS any key of the partition · ARGV tag, now, their ids. How many there were.
local tag, now, count = ARGV[1], clock(ARGV[2]), 0
for i = 3, #ARGV do
  local m = redis.call('HMGET', tag .. 'm:' .. ARGV[i], 'state', 'lane', 'contact', 'ch')
  if m[1] == 'queued' then
    message_settle(tag, ARGV[i], 'cancelled', now, 'cancelled', CANCELLED)
    if redis.call('EXISTS', tag .. 'q:' .. m[2] .. ':' .. m[3] .. ':' .. m[4]) == 0 then
      redis.call('ZREM', tag .. 'rd:' .. m[2] .. ':' .. m[4], m[3])
    end
    count = count + 1
  end
end
return count
