-- Takes due deliveries of an endpoint; each comes back by itself when nobody records what became of it.
-- KEYS due, endpoint · ARGV prefix of delivery keys, now, how many, ms until it comes back, hash of the URL.
-- Answers: now, the next time to look (-1: none), {delivery, hook, partition, type, attempt, how many of
-- those before were answered and failed} of each.
local prefix, now, count = ARGV[1], clock(ARGV[2]), tonumber(ARGV[3])
local facts = redis.call('HMGET', KEYS[2], 'disabled', 'open_until', 'fails', 'url')
if facts[4] ~= ARGV[5] then -- another address: what was held against the old one is void
  redis.call('HDEL', KEYS[2], 'disabled', 'disabled_at', 'open_until', 'fails', 'failing_since')
  redis.call('HSET', KEYS[2], 'url', ARGV[5])
  facts = {}
end
if facts[1] then return { now, -1, {} } end -- what comes meanwhile waits for a replay, as long as it is kept
local opens = tonumber(facts[2]) or 0
if opens > now then return { now, opens, {} } end
if opens > 0 then count = 1 end -- one to try it out
local taken = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, count)) do
  local key = prefix .. id
  local d = redis.call('HMGET', key, 'hook', 'partition', 'type', 'refused')
  if d[1] then
    redis.call('ZADD', KEYS[1], now + tonumber(ARGV[4]), id)
    taken[#taken + 1] = { id, d[1], d[2], d[3], redis.call('HINCRBY', key, 'attempts', 1), tonumber(d[4]) or 0 }
  else
    redis.call('ZREM', KEYS[1], id)
  end
end
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return { now, first[2] and tonumber(first[2]) or -1, taken }
