-- What only a newer release can read waits beside the inbox, with all that its contact sends from then on.
-- KEYS lease, in, parked, stuck · ARGV owner, epoch, entry, contact · gives ok, gone or fenced
if not holds(KEYS[1], ARGV[1], ARGV[2]) then
  return 'fenced'
end
local found = redis.call('XRANGE', KEYS[2], ARGV[3], ARGV[3])
if #found == 0 then
  return 'gone'
end
redis.call('HSETNX', KEYS[4], ARGV[4], server_ms())
redis.call('XADD', KEYS[3], '*', 'from', ARGV[3], 'n', '1', unpack(found[1][2]))
redis.call('XDEL', KEYS[2], ARGV[3])
return 'ok'
