-- An upload becomes a draft's audience. KEYS the broadcast, its chunks, the upload's chunks, its contacts
-- ARGV total, duplicates, now, ms that it is kept, the audience's print. The state that it was in.
local state = redis.call('HGET', KEYS[1], 'state')
if state ~= 'draft' or redis.call('EXISTS', KEYS[3]) == 0 then return state or '' end
redis.call('RENAME', KEYS[3], KEYS[2])
redis.call('PEXPIRE', KEYS[2], ARGV[4])
redis.call('UNLINK', KEYS[4]) -- it may hold a million
redis.call('HSET', KEYS[1], 'state', 'running', 'print', ARGV[5], 'told', 'running', 'total', ARGV[1], 'duplicates', ARGV[2],
  'chunks', redis.call('LLEN', KEYS[2]), 'cursor', 0, 'started_at', string.format('%.0f', clock(ARGV[3])))
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return state
