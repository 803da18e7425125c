-- no-writes
-- KEYS ins, timers · gives {now, entries that wait, ms of the next timer or -1}
local tag, waiting = string.match(KEYS[1], '^{[^}]*}'), 0
for _, account in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  waiting = waiting + redis.call('XLEN', tag .. 'in:' .. account)
end
local first = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')
return {server_ms(), waiting, tonumber(first[2] or '-1')}
