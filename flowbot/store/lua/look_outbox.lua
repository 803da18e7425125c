-- no-writes
-- What waits in a partition, in one look.
-- KEYS due, dl, in · ARGV now, ms after which an inbox entry counts as late, how many of them.
-- Answers: now, {member, at} of each lane and channel, the next deadline (-1: none), late inbox entries.
local now = clock(ARGV[1])
local first = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')
local late = redis.call('XRANGE', KEYS[3], '-', string.format('%.0f', now - tonumber(ARGV[2])), 'COUNT', ARGV[3])
local due = redis.call('ZRANGE', KEYS[1], 0, 63, 'WITHSCORES')
return { now, due, first[2] and tonumber(first[2]) or -1, late }
