-- KEYS in, wake, seen to note in, seen to look at … · ARGV mark, seconds that it is kept, contact, channel, event
-- gives 1, or 0 for what was seen before
for i = 4, #KEYS do
  if redis.call('SISMEMBER', KEYS[i], ARGV[1]) == 1 then
    return 0
  end
end
if redis.call('SADD', KEYS[3], ARGV[1]) == 0 then
  return 0
end
if redis.call('SCARD', KEYS[3]) == 1 then
  redis.call('EXPIRE', KEYS[3], ARGV[2])
end
redis.call('XADD', KEYS[1], '*', 'c', ARGV[3], 'h', ARGV[4], 'e', ARGV[5])
-- a reader reads until nothing is left: only who finds the inbox empty has to be woken
if redis.call('XLEN', KEYS[1]) == 1 then
  redis.call('SPUBLISH', KEYS[2], 'in')
end
return 1
