-- KEYS members · ARGV owner, ms · gives the names of all that said so lately, in order
local now = server_ms()
local slot = string.match(ARGV[1], '^(.*)#')
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
local names = redis.call('ZRANGE', KEYS[1], 0, -1)
for _, name in ipairs(names) do
  -- a restarted process of the same slot: the one before it is dead
  if slot and name ~= ARGV[1] and string.match(name, '^(.*)#') == slot then
    redis.call('ZREM', KEYS[1], name)
  end
end
redis.call('ZADD', KEYS[1], now, ARGV[1])
names = redis.call('ZRANGE', KEYS[1], 0, -1)
table.sort(names)
return names
