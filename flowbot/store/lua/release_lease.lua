-- KEYS lease · ARGV owner · the epoch stays, so that the next owner gets a higher one
if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then
  return 0
end
redis.call('HSET', KEYS[1], 'owner', '', 'until', '0')
return 1
