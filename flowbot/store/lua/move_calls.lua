-- Sets when calls are tried next; those that were answered or canceled stay gone.
-- KEYS calls, tries · ARGV ms from now, 1 when this attempt does not count, now, call … · gives how many there were
local at, found = string.format('%.0f', clock(ARGV[3]) + ARGV[1]), 0
for i = 4, #ARGV do
  if redis.call('ZSCORE', KEYS[1], ARGV[i]) then
    redis.call('ZADD', KEYS[1], 'XX', at, ARGV[i])
    found = found + 1
    if ARGV[2] == '1' then
      redis.call('HINCRBY', KEYS[2], ARGV[i], -1)
    end
  end
end
return found
