-- Puts messages into their contacts' queues; one that is there already is left as it is.
-- KEYS any key of the partition · ARGV tag, now, then for each message: id, lane, channel, contact, purpose, policy,
-- expires, body. Answers how many were new.
local tag, now, new = ARGV[1], clock(ARGV[2]), 0
for i = 3, #ARGV, 8 do
  if message_push(tag, now, unpack(ARGV, i, i + 7)) then new = new + 1 end
end
if new > 0 then redis.call('SPUBLISH', tag .. 'wake:out', '1') end
return new
