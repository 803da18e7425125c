-- KEYS timers, wake · ARGV ms, member … · timers that are not set stay so; gives how many moved
local moved = 0
for i = 2, #ARGV do
  local at = redis.call('ZSCORE', KEYS[1], ARGV[i])
  if at then
    redis.call('ZADD', KEYS[1], 'XX', string.format('%.0f', at - ARGV[1]), ARGV[i])
    moved = moved + 1
  end
end
redis.call('SPUBLISH', KEYS[2], 'in')
return moved
