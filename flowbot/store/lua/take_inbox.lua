-- KEYS lease, in, att, parked, stuck · ARGV owner, epoch, count, attempts allowed
-- gives {now, entries}, each entry {id, attempt, fields}; or 'fenced'
if not holds(KEYS[1], ARGV[1], ARGV[2]) then
  return 'fenced'
end
local now = server_ms()
local entries = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', ARGV[3])
if #entries == 0 then
  return {now, {}}
end

-- Ids are of the same width for centuries, but the number behind the dash is not.
local function before(a, b)
  local ams, an = string.match(a, '^(%d+)-(%d+)$')
  local bms, bn = string.match(b, '^(%d+)-(%d+)$')
  if ams ~= bms then
    return tonumber(ams) < tonumber(bms)
  end
  return tonumber(an) < tonumber(bn)
end

local function contact_of(fields)
  for i = 1, #fields, 2 do
    if fields[i] == 'c' then
      return fields[i + 1]
    end
  end
  return ''
end

local function park(entry)
  redis.call('HSETNX', KEYS[5], contact_of(entry[2]), now)
  redis.call('XADD', KEYS[4], '*', 'from', entry[1], unpack(entry[2]))
  redis.call('XDEL', KEYS[2], entry[1])
end

-- What belongs to a contact whose event cannot be applied waits with it, in order.
if redis.call('EXISTS', KEYS[5]) == 1 then
  local free = {}
  for _, entry in ipairs(entries) do
    if redis.call('HEXISTS', KEYS[5], contact_of(entry[2])) == 1 then
      park(entry)
    else
      free[#free + 1] = entry
    end
  end
  entries = free
  if #entries == 0 then
    return {now, {}, 1}
  end
end

local tries = redis.call('HMGET', KEYS[3], 'upto', 'head', 'n')
local head = entries[1]
if not tries[1] or before(tries[1], head[1]) then
  redis.call('HSET', KEYS[3], 'upto', entries[#entries][1])
  for i, entry in ipairs(entries) do
    entries[i] = {entry[1], 1, entry[2]}
  end
  return {now, entries}
end

-- The head was taken before and is still here: it may be what kills its readers, so it comes alone.
local attempt = 2
if tries[2] == head[1] then
  attempt = tonumber(tries[3]) + 1
end
if attempt > tonumber(ARGV[4]) then
  park(head)
  redis.call('HDEL', KEYS[3], 'head', 'n')
  return {now, {}, 1}
end
redis.call('HSET', KEYS[3], 'head', head[1], 'n', attempt)
return {now, {{head[1], attempt, head[2]}}}
