-- Puts messages into their contacts' queues; one that is there already is left as it is.
-- KEYS any key of the partition · ARGV tag, now, then for each message: id, lane, channel, contact, purpose, policy,
-- expires, body. Answers how many were new.
local tag = ARGV[1]
local new = messages_push(tag, clock(ARGV[2]), ARGV, 3, #ARGV)
if new > 0 then redis.call('SPUBLISH', tag .. 'wake:out', '1') end
return new
