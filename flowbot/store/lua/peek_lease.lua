-- no-writes
-- KEYS lease · gives owner, epoch, ms left
local held = redis.call('HMGET', KEYS[1], 'owner', 'epoch', 'until')
local left = tonumber(held[3] or '0') - server_ms()
if left <= 0 then
  return {'', tonumber(held[2] or '0'), 0}
end
return {held[1], tonumber(held[2]), left}
