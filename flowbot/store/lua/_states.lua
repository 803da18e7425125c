-- What the outbox's functions share. A message's record says where it stands; `fly` names the one message of a contact
-- on a channel that is on its way; the head of a queue stays there until it is settled.

local MESSAGE_KEPT = 8 * 24 * 3600 * 1000 -- ms; a provider may report on a message for a week

-- The given time, else the server's.
local function clock(given)
  local now = tonumber(given)
  if now and now > 0 then return now end
  return server_ms()
end

-- One word a transition, oldest first: "sending@1763712000000 sent@1763712000210".
local function message_turn(key, state, now)
  local log = redis.call('HGET', key, 'log') or ''
  if #log > 1000 then log = string.sub(log, -900) end
  if log ~= '' then log = log .. ' ' end
  redis.call('HSET', key, 'state', state, 'log', log .. state .. string.format('@%.0f', now))
end

-- What a message's id says: the broadcast that it belongs to, or nothing.
local function broadcast_of(id)
  return string.match(id, '^ms_%d+_(bc%w+)%.')
end

local CANCELLED = 'the broadcast was cancelled'
local FINAL = { sent = true, failed = true, expired = true, suppressed = true, cancelled = true }

-- A broadcast's counters change with its message's state: their sum is at any time the number of messages.
local function broadcast_count(tag, id, contact, was, state, now)
  local broadcast = broadcast_of(id)
  if not broadcast then return end
  local counts = tag .. 'b:' .. broadcast
  if FINAL[was] then redis.call('HINCRBY', counts, was, -1) end
  redis.call('HINCRBY', counts, state, 1)
  if state == 'sent' then
    if FINAL[was] then redis.call('ZREM', tag .. 'bf:' .. broadcast, contact) end
  elseif state ~= 'cancelled' then
    redis.call('ZADD', tag .. 'bf:' .. broadcast, 0, contact)
  end
end

local function message_wake(tag, lane, contact, channel, at)
  redis.call('ZADD', tag .. 'rd:' .. lane .. ':' .. channel, 'NX', at, contact)
  redis.call('ZADD', tag .. 'due', 'LT', at, lane .. '|' .. channel)
end

-- A new message at the end of its queue, eight of `args` for it: id, lane, channel, contact, purpose, policy, expires,
-- body; then more fields of its record. False for one that is there already: it stays as it is. The lane has yet to hear.
local function message_add(tag, now, args, i, ...)
  local id, lane, channel, contact = args[i], args[i + 1], args[i + 2], args[i + 3]
  local key = tag .. 'm:' .. id
  local state = redis.call('HGET', key, 'state')
  if state and state ~= 'accepted' then return false end
  if state then redis.call('PERSIST', key) end -- it was only noted
  redis.call('HSET', key, 'state', 'queued', 'lane', lane, 'ch', channel, 'contact', contact, 'purpose', args[i + 4],
    'policy', args[i + 5], 'expires', args[i + 6], 'body', args[i + 7], 'at', now, 'attempt', 0, ...)
  redis.call('RPUSH', tag .. 'q:' .. lane .. ':' .. contact .. ':' .. channel, id)
  redis.call('ZADD', tag .. 'rd:' .. lane .. ':' .. channel, 'NX', now, contact)
  return true
end

-- New messages, eight of `args` for each. How many there were.
local function messages_push(tag, now, args, first, last)
  local new, woken, at = 0, {}, string.format('%.0f', now)
  for i = first, last, 8 do
    if message_add(tag, at, args, i) then
      woken[args[i + 1] .. '|' .. args[i + 2]] = true
      local broadcast = broadcast_of(args[i])
      if broadcast then redis.call('HINCRBY', tag .. 'b:' .. broadcast, 'made', 1) end
      new = new + 1
    end
  end
  for member in pairs(woken) do redis.call('ZADD', tag .. 'due', 'LT', now, member) end
  return new
end

-- The message itself, to look at, or the line before a sealed one; it is never written back.
local function message_entry(body)
  if not body then return {} end
  local ok, entry = pcall(cjson.decode, string.match(body, '^[^\n]*'))
  return ok and type(entry) == 'table' and entry or {}
end

-- The contact's seat is free again: what waits in either lane may go.
local function message_free(tag, id, contact, channel, now)
  local seat = contact .. '|' .. channel
  if redis.call('HGET', tag .. 'fly', seat) ~= id then return end
  redis.call('HDEL', tag .. 'fly', seat)
  for _, lane in ipairs({ 'r', 'b' }) do
    if redis.call('EXISTS', tag .. 'q:' .. lane .. ':' .. contact .. ':' .. channel) == 1 then
      message_wake(tag, lane, contact, channel, now)
    end
  end
end

-- The message has arrived, or never will: what waited for that may go.
local function message_arrived(tag, id, contact, channel, now)
  local wait = tag .. 'od:' .. contact .. ':' .. channel
  if redis.call('GET', wait) ~= id then return end
  redis.call('DEL', wait)
  for _, lane in ipairs({ 'r', 'b' }) do
    if redis.call('ZADD', tag .. 'rd:' .. lane .. ':' .. channel, 'XX', 'LT', 'CH', now, contact) == 1 then
      redis.call('ZADD', tag .. 'due', 'LT', now, lane .. '|' .. channel)
      redis.call('SPUBLISH', tag .. 'wake:out', '1')
    end
  end
end

local function message_leave(tag, id, lane, contact, channel)
  local queue = tag .. 'q:' .. lane .. ':' .. contact .. ':' .. channel
  if redis.call('LINDEX', queue, 0) == id then
    redis.call('LPOP', queue)
  else
    redis.call('LREM', queue, 1, id)
  end
end

-- What became of a message, for the client's systems. Flat text fields and null only: what cjson writes of those is what
-- was meant.
local function message_hook(tag, id, contact, channel, process, status, now, more)
  local account = string.match(channel, '^[^/]*')
  if type(process) ~= 'string' or process == '' then process = cjson.null end
  local hook, kind = 'm' .. string.sub(status, 1, 1) .. '_' .. id, 'message.' .. status
  local data = {
    message_id = id, process_id = process, account = account, channel = string.match(channel, '/(.*)$') or '',
    contact = { id = contact }, status = status, broadcast_id = broadcast_of(id),
  }
  for name, value in pairs(more or {}) do data[name] = value end
  local record = cjson.encode({
    v = 1, id = hook, type = kind, account = account, contact_id = contact, at = now, data = data,
  })
  redis.call('XADD', tag .. 'hooks', '*', 'id', hook, 'type', kind, 'body', record)
  redis.call('SPUBLISH', tag .. 'wake:hook', '1')
end

-- The same for those states that the client wants to hear of: the message's record names them, by their first letters,
-- before the process that it belongs to.
local function message_told(tag, id, status, now)
  local m = redis.call('HMGET', tag .. 'm:' .. id, 'tell', 'contact', 'ch')
  local letters, process = string.match(m[1] or '', '^([^|]*)|(.*)$')
  if letters and string.find(letters, string.sub(status, 1, 1), 1, true) then
    message_hook(tag, id, m[2], m[3], process, status, now)
  end
end

-- A step waits for the answer to this message, and there will be none: its contact's inbox is told, behind all else.
local function message_refused(tag, id, contact, channel, wakes, code)
  local account = string.match(channel, '^[^/]*')
  local event = cjson.encode({ v = 1, k = 'refused', message = id, wakes = wakes, code = code })
  if inbox_add(tag .. 'in:' .. account, tag .. 'ins', channel, 'c', contact, 'h', channel, 'e', event) then
    redis.call('SPUBLISH', tag .. 'wake', 'in')
  end
end

-- The message's end: state, times, counters; out of its queue and its seat. A text that was sent is kept by the
-- history alone; one that failed stays for who wants to know, unless it is a secret.
local function message_settle(tag, id, state, now, code, reason)
  local key = tag .. 'm:' .. id
  local m = redis.call('HMGET', key, 'lane', 'contact', 'ch', 'body', 'state')
  local lane, contact, channel = m[1], m[2], m[3]
  message_turn(key, state, now)
  broadcast_count(tag, id, contact, m[5], state, now)
  message_leave(tag, id, lane, contact, channel)
  redis.call('ZREM', tag .. 'dl', id)
  redis.call('HINCRBY', tag .. 'n', 'message.' .. state, 1)
  if state == 'sent' then
    redis.call('HSETNX', key, 'sent_at', now)
    local wakes = m[4] and string.find(m[4], '"wakes"', 1, true) and message_entry(m[4]).wakes
    if wakes then redis.call('HSET', key, 'wakes', wakes) end
    if m[4] and string.find(m[4], '"tell"', 1, true) then
      local entry = message_entry(m[4])
      if entry.tell then redis.call('HSET', key, 'tell', entry.tell .. '|' .. (entry.process_id or '')) end
      message_told(tag, id, 'sent', now)
    end
    local waits = redis.call('HMGET', key, 'waits', 'delivered_at', 'read_at')
    if waits[1] and not (waits[2] or waits[3]) then
      redis.call('SET', tag .. 'od:' .. contact .. ':' .. channel, id, 'PX', waits[1])
    end
    redis.call('HDEL', key, 'body', 'deadline', 'error', 'purpose', 'policy', 'expires')
    local kept = redis.call('HGETALL', key) -- written anew, a small hash takes a third: it stays for days
    redis.call('DEL', key)
    redis.call('HSET', key, unpack(kept))
  else
    redis.call('HSET', key, 'failed_at', now, 'code', code or '', 'error', reason or '')
    local entry = message_entry(m[4])
    if state == 'failed' then
      local class = string.sub(string.gsub(code or '', '[^%w_.-]', '_'), 1, 32)
      redis.call('HINCRBY', tag .. 'n', 'message.failed_code:' .. (class ~= '' and class or 'none'), 1)
    end
    if state == 'failed' then
      local why = { code = code or '', reason = reason or '' }
      local process = entry.process_id or string.match(redis.call('HGET', key, 'tell') or '', '|(.*)$')
      message_hook(tag, id, contact, channel, process, 'failed', now, why)
    end
    local wakes = entry.wakes or redis.call('HGET', key, 'wakes')
    if wakes then message_refused(tag, id, contact, channel, wakes, code or '') end
    if entry.scrub then redis.call('HDEL', key, 'body') end
  end
  redis.call('PEXPIRE', key, MESSAGE_KEPT)
  message_free(tag, id, contact, channel, now)
end
