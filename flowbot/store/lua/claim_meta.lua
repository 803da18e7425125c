-- KEYS meta · ARGV schema, partitions, salt, release · gives all fields, as the first start wrote them
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('HSET', KEYS[1], 'schema', ARGV[1], 'partitions', ARGV[2], 'salt', ARGV[3], 'release', ARGV[4])
end
return redis.call('HGETALL', KEYS[1])
