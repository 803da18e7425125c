-- One more message that failed as if nobody were there; told again, it counts once.
-- KEYS the contact's doubts · ARGV the message, ms that they count. Answers how many there are since the last delivery.
redis.call('SADD', KEYS[1], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('SCARD', KEYS[1])
