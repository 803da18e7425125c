-- no-writes
-- What waits in a partition, in one look.
-- KEYS due, dl, ins · ARGV now, ms after which an inbox entry counts as late, how many of them.
-- Answers: now, {member, at} of each lane and channel, the next deadline (-1: none), late inbox entries.
local now = clock(ARGV[1])
local first = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')
local tag, until_ = string.match(KEYS[3], '^{[^}]*}'), string.format('%.0f', now - tonumber(ARGV[2]))
local late, most = {}, tonumber(ARGV[3])
for _, account in ipairs(redis.call('ZRANGE', KEYS[3], 0, most - 1)) do
  local found = redis.call('XRANGE', tag .. 'in:' .. account, '-', until_, 'COUNT', most - #late)
  for _, entry in ipairs(found) do late[#late + 1] = entry end
  if #late >= most then break end
end
local due = redis.call('ZRANGE', KEYS[1], 0, 63, 'WITHSCORES')
return { now, due, first[2] and tonumber(first[2]) or -1, late }
