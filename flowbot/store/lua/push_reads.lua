-- Notes messages that were processed, for the sender to tell the provider; the oldest fall out when nobody does.
-- KEYS the list, the senders' wake channel · ARGV ms to keep, most to keep, then the notes.
for place = 3, #ARGV do redis.call('RPUSH', KEYS[1], ARGV[place]) end
redis.call('LTRIM', KEYS[1], -tonumber(ARGV[2]), -1)
redis.call('PEXPIRE', KEYS[1], ARGV[1])
redis.call('SPUBLISH', KEYS[2], '1')
return redis.call('LLEN', KEYS[1])
