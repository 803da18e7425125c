-- Erases a contact: all that its partition has of it under a name that leads there. What lies under names of its own
-- (messages that were sent, records of processes, bodies of hooks) is looked for afterwards: see `gone`.
-- KEYS lease, in · ARGV owner, epoch, entry, tag, now, what (JSON): contact, account, channels {channel: version of its
-- session}, timers, calls, tellers (ids that providers know it by), waiting (entries of the hooks' stream), listed,
-- awaits (plans that go to a group: the group, the plan), versions {version: how many fewer}, topics (those it is out
-- of), due (what `gone` gets); then of each of these topics its proof; then of each hook that goes out: id, type, body.
-- gives ok; fenced: another owner; gone: the entry was taken away; stale: a session moved on
if not holds(KEYS[1], ARGV[1], ARGV[2]) then return 'fenced' end
local entry, tag, now, what = ARGV[3], ARGV[4], tonumber(ARGV[5]), cjson.decode(ARGV[6])
local contact = what.contact
if #redis.call('XRANGE', KEYS[2], entry, entry) == 0 then return 'gone' end
for channel, version in pairs(what.channels) do
  local found = string.match(redis.call('GETRANGE', tag .. 's:' .. contact .. ':' .. channel, 0, 20), '^%d+') or '0'
  if found ~= version then return 'stale' end
end

local function drop_message(id)
  local state = redis.call('HGET', tag .. 'm:' .. id, 'state')
  if state and not FINAL[state] then broadcast_count(tag, id, contact, state, 'cancelled', now) end
  redis.call('DEL', tag .. 'm:' .. id)
  redis.call('ZREM', tag .. 'dl', id)
end

local function drop_channel(channel)
  for _, lane in ipairs({ 'r', 'b' }) do
    local queue = tag .. 'q:' .. lane .. ':' .. contact .. ':' .. channel
    for _, id in ipairs(redis.call('LRANGE', queue, 0, -1)) do drop_message(id) end
    redis.call('DEL', queue)
    redis.call('ZREM', tag .. 'rd:' .. lane .. ':' .. channel, contact)
  end
  local seat, place = contact .. '|' .. channel, contact .. ':' .. channel
  local flying = redis.call('HGET', tag .. 'fly', seat)
  if flying then drop_message(flying) end
  redis.call('HDEL', tag .. 'fly', seat)
  redis.call('DEL', tag .. 's:' .. place, tag .. 'pl:' .. place, tag .. 'f:' .. place, tag .. 'od:' .. place)
  for version in pairs(what.versions) do redis.call('SREM', tag .. 'on:' .. version, seat) end
end

-- The place that a client of Blip's words has set: of no channel.
local function drop_place(account)
  redis.call('DEL', tag .. 'f:' .. contact .. ':' .. account .. '/.blip')
end

local function drop_parked()
  if redis.call('HDEL', tag .. 'stuck', contact) == 0 then return end
  for _, found in ipairs(redis.call('XRANGE', tag .. 'parked', '-', '+')) do
    for i = 1, #found[2], 2 do
      if found[2][i] == 'c' and found[2][i + 1] == contact then redis.call('XDEL', tag .. 'parked', found[1]) end
    end
  end
end

-- Of messages that were processed and whose provider was not told yet.
local function drop_reads()
  local tellers = {}
  for _, id in ipairs(what.tellers) do tellers[id] = true end
  for _, note in ipairs(redis.call('LRANGE', tag .. 'read', 0, -1)) do
    if tellers[string.match(note, '[^\31]*$')] then redis.call('LREM', tag .. 'read', 0, note) end
  end
end

local function keep_proof()
  redis.call('DEL', tag .. 'o:' .. contact, tag .. 'ledger:' .. contact)
  for i, topic in ipairs(what.topics) do
    redis.call('SADD', tag .. 'o:' .. contact, topic)
    redis.call('XADD', tag .. 'ledger:' .. contact, '*', 'topic', topic, 'change', 'out', 'b', ARGV[6 + i])
  end
end

redis.call('XDEL', KEYS[2], entry)
for channel in pairs(what.channels) do drop_channel(channel) end
redis.call('DEL', tag .. 'c:' .. contact, tag .. 'h:' .. contact, tag .. 'un:' .. contact, tag .. 'doubt:' .. contact)
redis.call('HDEL', tag .. 'nt', contact)
for _, timer in ipairs(what.timers) do redis.call('ZREM', tag .. 't', timer) end
for _, call in ipairs(what.calls) do
  redis.call('ZREM', tag .. 'calls', call)
  redis.call('HDEL', tag .. 'calls:record', call)
  redis.call('HDEL', tag .. 'calls:tries', call)
end
for _, group in ipairs(redis.call('SMEMBERS', tag .. 'gs:' .. what.account)) do
  redis.call('ZREM', tag .. 'g:' .. what.account .. ':' .. group, contact)
end
for _, one in ipairs(what.awaits) do redis.call('ZREM', tag .. 'gp:' .. what.account .. ':' .. one[1], one[2]) end
drop_place(what.account)
drop_parked()
drop_reads()
keep_proof()
for _, waiting in ipairs(what.waiting) do redis.call('XDEL', tag .. 'hooks', waiting) end
for _, listed in ipairs(what.listed) do redis.call('XDEL', tag .. 'ls:c:' .. what.account, listed) end
for version, count in pairs(what.versions) do redis.call('HINCRBY', tag .. 'fv', version, -count) end
for at = 7 + #what.topics, #ARGV, 3 do
  redis.call('XADD', tag .. 'hooks', '*', 'id', ARGV[at], 'type', ARGV[at + 1], 'body', ARGV[at + 2])
end
redis.call('HINCRBY', tag .. 'n', 'contact.forgotten', 1)
redis.call('ZADD', tag .. 'gone', now, what.due)
redis.call('SPUBLISH', tag .. 'wake:hook', '1')
return 'ok'
