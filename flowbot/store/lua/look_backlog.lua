-- no-writes
-- What waits in a partition, and since when: of each queue how many and the earliest (ms UTC, -1: nothing).
-- KEYS any key of the partition · ARGV now
-- gives now, {queue, count, earliest} of each; of timers and calls only what is due counts
local tag, now, found = string.match(KEYS[1], '^{[^}]*}'), clock(ARGV[1]), {}

local function told(queue, count, earliest)
  found[#found + 1] = { queue, count, earliest and math.floor(tonumber(earliest)) or -1 }
end

local function oldest(stream)
  local first = redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)[1]
  return first and string.match(first[1], '^%d+')
end

local function scored(queue, key)
  local due = redis.call('ZCOUNT', key, '-inf', now)
  told(queue, due, due > 0 and redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2] or nil)
end

local waiting, since = 0, nil
for _, account in ipairs(redis.call('ZRANGE', tag .. 'ins', 0, -1)) do
  local inbox = tag .. 'in:' .. account
  waiting = waiting + redis.call('XLEN', inbox)
  local at = tonumber(oldest(inbox))
  if at and (not since or at < since) then since = at end
end
told('inbox', waiting, since)
scored('timers', tag .. 't')

-- A message that was tried and has not left: the provider is in trouble, or nobody knows. Of many, some are looked at.
local LOOKS, tried, made = 20, 0, nil
local function look(id)
  local m = redis.call('HMGET', tag .. 'm:' .. (id or ''), 'state', 'attempt', 'at')
  local attempt, at = tonumber(m[2]) or 0, tonumber(m[3])
  if attempt > 1 or (attempt == 1 and m[1] ~= 'sending') then
    tried = tried + 1
    if at and (not made or at < made) then made = at end
  end
end
for _, id in ipairs(redis.call('ZRANGE', tag .. 'dl', 0, LOOKS - 1)) do look(id) end

local lanes = { r = { 'replies', 0 }, b = { 'bulk', 0 } }
for _, member in ipairs(redis.call('ZRANGE', tag .. 'due', 0, -1)) do
  local lane, channel = string.match(member, '^(.)|(.*)$')
  local ready = tag .. 'rd:' .. lane .. ':' .. channel
  lanes[lane][2] = lanes[lane][2] + redis.call('ZCOUNT', ready, '-inf', now)
  local first = tonumber(redis.call('ZRANGE', ready, 0, 0, 'WITHSCORES')[2])
  if first and first <= now and (not lanes[lane][3] or first < lanes[lane][3]) then lanes[lane][3] = first end
  if lane == 'r' then
    for _, contact in ipairs(redis.call('ZREVRANGEBYSCORE', ready, '+inf', '(' .. string.format('%.0f', now), 'LIMIT', 0, LOOKS)) do
      look(redis.call('LINDEX', tag .. 'q:r:' .. contact .. ':' .. channel, 0))
    end
  end
end
for _, lane in pairs(lanes) do told(lane[1], lane[2], lane[3]) end

told('retried', tried, made)
scored('unanswered', tag .. 'dl')
scored('calls', tag .. 'calls')
told('hooks', redis.call('XLEN', tag .. 'hooks'), oldest(tag .. 'hooks'))
told('set_aside', redis.call('HLEN', tag .. 'stuck'), oldest(tag .. 'parked'))
scored('forgotten', tag .. 'gone')
return { now, found }
