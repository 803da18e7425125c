-- KEYS the broadcast · ARGV record, ms that it is kept
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'record', ARGV[1], 'state', 'draft', 'told', 'draft')
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
