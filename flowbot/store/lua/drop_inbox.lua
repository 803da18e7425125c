-- KEYS lease, in · ARGV owner, epoch, entry
if not holds(KEYS[1], ARGV[1], ARGV[2]) then
  return 'fenced'
end
if redis.call('XDEL', KEYS[2], ARGV[3]) == 0 then
  return 'gone'
end
return 'ok'
