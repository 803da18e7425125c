-- KEYS in, ins, wake, seen to note in, seen to look at … · ARGV mark, seconds that it is kept, contact, channel, event, further fields
-- gives 1, or 0 for what was seen before
for i = 5, #KEYS do
  if redis.call('SISMEMBER', KEYS[i], ARGV[1]) == 1 then
    return 0
  end
end
if redis.call('SADD', KEYS[4], ARGV[1]) == 0 then
  return 0
end
if redis.call('SCARD', KEYS[4]) == 1 then
  redis.call('EXPIRE', KEYS[4], ARGV[2])
end
if inbox_add(KEYS[1], KEYS[2], ARGV[4], 'c', ARGV[3], 'h', ARGV[4], 'e', ARGV[5], unpack(ARGV, 6)) then
  redis.call('SPUBLISH', KEYS[3], 'in')
end
return 1
