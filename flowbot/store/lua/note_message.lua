-- Notes that a message was asked for; one that is known already stays as it is.
-- KEYS the message · ARGV channel, contact, now, ms that the note lives
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'state', 'accepted', 'ch', ARGV[1], 'contact', ARGV[2], 'attempt', 0)
message_turn(KEYS[1], 'accepted', clock(ARGV[3]))
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1
