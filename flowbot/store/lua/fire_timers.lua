-- KEYS lease, ins, timers · ARGV owner, epoch, limit · gives how many went to the inbox; or 'fenced'
if not holds(KEYS[1], ARGV[1], ARGV[2]) then
  return 'fenced'
end
local tag = string.match(KEYS[2], '^{[^}]*}')
local due = redis.call('ZRANGE', KEYS[3], '-inf', string.format('%.0f', server_ms()), 'BYSCORE', 'LIMIT', 0, ARGV[3], 'WITHSCORES')
for i = 1, #due, 2 do
  local contact, channel = string.match(due[i], '^(.-)|(.-)|')
  inbox_add(inbox_of(tag, channel), KEYS[2], channel, 'c', contact, 'h', channel, 't', due[i], 'd', due[i + 1])
  redis.call('ZREM', KEYS[3], due[i])
end
return #due / 2
