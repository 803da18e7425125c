-- KEYS lease · ARGV owner, ms · gives the epoch, 0 when somebody else holds it
local AWRY = 60000 -- ms
local now = server_ms()
local held = redis.call('HMGET', KEYS[1], 'owner', 'epoch', 'until')
local owner = held[1] or ''
if owner ~= ARGV[1] then
  local slot = string.match(ARGV[1], '^(.*)#')
  local theirs = string.match(owner, '^(.*)#')
  local left = tonumber(held[3] or '0') - now
  -- one that lasts longer than it was ever taken for was its owner's before the clock was set back: who lives renews it
  local ended = owner == '' or left <= 0 or left > AWRY + ARGV[2]
  if not ended and not (slot and slot == theirs) then
    return 0
  end
  -- never below the clock: a failover may have lost the last epochs that were given out
  held[2] = string.format('%.0f', math.max(tonumber(held[2] or '0') + 1, now))
end
redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'epoch', held[2], 'until', string.format('%.0f', now + ARGV[2]))
return tonumber(held[2])
