-- KEYS the broadcast · ARGV the new state, then those that it may be in before. The state that it was in.
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return '' end
for i = 2, #ARGV do
  if ARGV[i] == state then redis.call('HSET', KEYS[1], 'state', ARGV[1]) end
end
return state
