-- no-writes
-- KEYS in, timers · gives {now, entries that wait, ms of the next timer or -1}
local first = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')
return {server_ms(), redis.call('XLEN', KEYS[1]), tonumber(first[2] or '-1')}
