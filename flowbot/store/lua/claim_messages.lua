-- Marks up to `tokens` messages of one lane and channel as `sending`, before any byte of them leaves: the head of each
-- ready contact's queue, at most one in flight a contact. What has expired, or was opted out of, ends here.
-- KEYS due · ARGV tag, lane, channel, tokens, now, ms until the deadline, pair interval ms, pair burst, ms that the next
-- message waits at most for the delivery of the one before (0: it does not), where that one says nothing else.
-- Answers: now, the next time something is ready (-1: nothing), the claimed {id, attempt, tries, slows, drops, body},
-- the ended {id, state}.
local tag, lane, channel, tokens = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local now, hold, interval, burst = clock(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local waits = tonumber(ARGV[9]) or 0
local ready, member = tag .. 'rd:' .. lane .. ':' .. channel, lane .. '|' .. channel
local claimed, ended, flags = {}, {}, {}
local LOOKS = 200 -- contacts that are looked at, at least
local ENDS = 16 -- messages that may end here in one call, a few more perhaps: ending one takes 70 us, and replies wait

-- How long the contact's next message waits for the delivery of this one: as it says itself, else as the channel does.
local function patience(body)
  if not string.find(body, '"waits":', 1, true) then return waits end
  return tonumber(message_entry(body).waits) or waits
end

-- Whether the contact has agreed to a topic, or to all: the latest that its ledger says of each.
local function agreed(contact, topic)
  local before, left = '+', false
  while true do
    local said = redis.call('XREVRANGE', tag .. 'ledger:' .. contact, before, '-', 'COUNT', 50)
    for _, entry in ipairs(said) do
      local about, change = entry[2][2], entry[2][4]
      if about == 'all' then return change == 'in' end
      if about == topic and not left then
        if change == 'in' then return true end
        left = true
      end
    end
    if #said < 50 then return false end
    before = '(' .. said[#said][1]
  end
end

-- Why what the business starts does not go to the contact: a code and a reason, or nothing.
local function barred(contact, body)
  if redis.call('EXISTS', tag .. 'un:' .. contact) == 1 then return 'unreachable', 'the provider says that nobody is there' end
  local key = tag .. 'o:' .. contact
  local out, unasked = redis.call('EXISTS', key) == 1, string.find(body, '"unasked":true', 1, true)
  if not out and not unasked then return nil end
  local entry = message_entry(body)
  local about = { 'all', entry.topic }
  local template = type(entry.outbound) == 'table' and entry.outbound.template
  if type(template) == 'table' then about[#about + 1] = template.category end
  for _, topic in pairs(out and about or {}) do
    if type(topic) == 'string' and redis.call('SISMEMBER', key, topic) == 1 then return 'opted_out', 'the contact has opted out' end
  end
  if entry.unasked == true and not agreed(contact, entry.topic or '') then return 'not_opted_in', 'the contact has not opted in' end
end

-- What was ordered for a message's broadcast: paused, cancelled, or nothing; and which that is.
local function ordered(id)
  local broadcast = broadcast_of(id)
  if not broadcast then return nil end
  if flags[broadcast] == nil then flags[broadcast] = redis.call('HGET', tag .. 'bp', broadcast) end
  return flags[broadcast], broadcast
end

-- The id at the head that may go, its record, or nothing; and when the head may go, where that is later.
local function head(contact, queue)
  while true do
    local id = redis.call('LINDEX', queue, 0)
    if not id then return nil end
    local key = tag .. 'm:' .. id
    local m = redis.call('HMGET', key, 'state', 'purpose', 'expires', 'attempt', 'tries', 'slows', 'drops', 'body', 'from')
    local expires = tonumber(m[3]) or 0
    local code, why
    if m[2] == 'business' and m[8] then code, why = barred(contact, m[8]) end
    local order, broadcast = ordered(id)
    if m[1] ~= 'queued' or not m[8] then
      redis.call('LPOP', queue)
    elseif order == 'cancelled' then
      message_settle(tag, id, 'cancelled', now, 'cancelled', CANCELLED)
      ended[#ended + 1] = { id, 'cancelled' }
    elseif order == 'paused' then
      redis.call('LPOP', queue)
      redis.call('RPUSH', tag .. 'bh:' .. broadcast, id)
    elseif expires > 0 and expires <= now then
      message_settle(tag, id, 'expired', now, 'expired', 'waited past its time')
      ended[#ended + 1] = { id, 'expired' }
    elseif code then
      message_settle(tag, id, 'suppressed', now, code, why)
      ended[#ended + 1] = { id, 'suppressed' }
    elseif (tonumber(m[9]) or 0) > now then
      return nil, tonumber(m[9])
    else
      return id, key, m
    end
  end
end

-- When the pair limit lets the contact have another one; takes it when that is now.
local function pair(contact)
  local key = tag .. 'pl:' .. contact .. ':' .. channel
  local spent, most = math.max(tonumber(redis.call('GET', key) or 0), now), now + burst * interval
  if spent > most then -- so much was never spent: the clock was set back
    spent = most
    redis.call('SET', key, string.format('%.0f', spent), 'PX', math.max(1, math.ceil(spent - now)))
  end
  local free = spent - (burst - 1) * interval
  if free > now then return free end
  spent = spent + interval
  redis.call('SET', key, string.format('%.0f', spent), 'PX', math.max(1, math.ceil(spent - now)))
  return now
end

local function visit(contact)
  local seat, queue = contact .. '|' .. channel, tag .. 'q:' .. lane .. ':' .. contact .. ':' .. channel
  if redis.call('HEXISTS', tag .. 'fly', seat) == 1 then
    redis.call('ZREM', ready, contact)
    return
  end
  local left = redis.call('PTTL', tag .. 'od:' .. contact .. ':' .. channel)
  if left > 0 then
    redis.call('ZADD', ready, now + left, contact)
    return
  end
  local id, key, m = head(contact, queue)
  if not id then
    if key then
      redis.call('ZADD', ready, key, contact)
    else
      redis.call('ZREM', ready, contact)
    end
    return
  end
  local free = pair(contact)
  if free > now then
    redis.call('ZADD', ready, free, contact)
    return
  end
  local attempt = (tonumber(m[4]) or 0) + 1
  message_turn(key, 'sending', now)
  redis.call('HSET', key, 'attempt', attempt, 'deadline', now + hold)
  local long = patience(m[8])
  if long > 0 then redis.call('HSET', key, 'waits', long) end
  redis.call('HSET', tag .. 'fly', seat, id)
  redis.call('ZADD', tag .. 'dl', now + hold, id)
  redis.call('ZREM', ready, contact)
  claimed[#claimed + 1] = { id, attempt, tonumber(m[5]) or 0, tonumber(m[6]) or 0, tonumber(m[7]) or 0, m[8] }
end

-- What ends here or is put aside takes no token: a broadcast that was cancelled is gone in seconds, however low the rate.
local left = math.max(4 * tokens, tokens > 0 and LOOKS or 0)
while left > 0 and #claimed < tokens and #ended < ENDS do
  local contacts = redis.call('ZRANGEBYSCORE', ready, '-inf', now, 'LIMIT', 0, math.min(left, tokens - #claimed))
  if #contacts == 0 then break end
  for _, contact in ipairs(contacts) do
    visit(contact)
    if #ended >= ENDS then break end
  end
  left = left - #contacts
end

local first = redis.call('ZRANGE', ready, 0, 0, 'WITHSCORES')
local next_at = -1
if first[2] then
  next_at = tonumber(first[2])
  redis.call('ZADD', tag .. 'due', next_at, member)
else
  redis.call('ZREM', tag .. 'due', member)
end
return { now, next_at, claimed, ended }
