-- KEYS when due, records · ARGV schedule, due time, record · gives 1; 0 when it is there already, and then it stays
if redis.call('HSETNX', KEYS[2], ARGV[1], ARGV[3]) == 0 then
  return 0
end
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
return 1
