-- Throws away the turns before a time; nothing is left of a history that is empty then.
-- KEYS history · ARGV ms · gives how many turns there were
local gone = redis.call('XTRIM', KEYS[1], 'MINID', '=', ARGV[1])
if gone > 0 and redis.call('XLEN', KEYS[1]) == 0 then redis.call('DEL', KEYS[1]) end
return gone
