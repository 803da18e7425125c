-- Takes calls whose time has come; each comes back by itself when nobody says what became of it.
-- KEYS calls, records, tries · ARGV how many, ms until they come back, now
-- gives now, the next time to look (-1: none), {call, attempt, record} of each
local now, taken = clock(ARGV[3]), {}
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], '-inf', string.format('%.0f', now), 'BYSCORE', 'LIMIT', 0, ARGV[1])) do
  local record = redis.call('HGET', KEYS[2], id)
  if record then
    redis.call('ZADD', KEYS[1], 'XX', string.format('%.0f', now + ARGV[2]), id)
    taken[#taken + 1] = { id, redis.call('HINCRBY', KEYS[3], id, 1), record }
  else
    redis.call('ZREM', KEYS[1], id)
  end
end
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return { now, first[2] and tonumber(first[2]) or -1, taken }
