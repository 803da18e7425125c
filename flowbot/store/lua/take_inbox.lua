-- KEYS lease, ins, att, parked, stuck · ARGV owner, epoch, count, attempts allowed, and which: fresh ones only, again: a
-- single one that was taken before, or '' for both
-- gives {now, entries, 1 when there may be more, 1 when one was left that was taken before}, each entry {id, attempt,
-- fields}; or 'fenced'
if not holds(KEYS[1], ARGV[1], ARGV[2]) then
  return 'fenced'
end
local now, tag, only, left = server_ms(), string.match(KEYS[2], '^{[^}]*}'), ARGV[5], 0

-- Ids are of the same width for centuries, but the number behind the dash is not.
local function before(a, b)
  local ams, an = string.match(a, '^(%d+)-(%d+)$')
  local bms, bn = string.match(b, '^(%d+)-(%d+)$')
  if ams ~= bms then
    return tonumber(ams) < tonumber(bms)
  end
  return tonumber(an) < tonumber(bn)
end

local function field(fields, name)
  for i = 1, #fields, 2 do
    if fields[i] == name then
      return fields[i + 1]
    end
  end
  return ''
end

local function park(inbox, entry)
  redis.call('HSETNX', KEYS[5], field(entry[2], 'c'), now)
  redis.call('XADD', KEYS[4], '*', 'from', entry[1], unpack(entry[2]))
  redis.call('XDEL', inbox, entry[1])
end

-- What belongs to a contact whose event cannot be applied waits with it, in order.
local function unstuck(inbox, entries)
  if redis.call('EXISTS', KEYS[5]) == 0 then
    return entries
  end
  local free = {}
  for _, entry in ipairs(entries) do
    local waits = redis.call('HEXISTS', KEYS[5], field(entry[2], 'c')) == 1
    if waits and field(entry[2], 'f') == '' then -- who is to be forgotten is not kept for that
      park(inbox, entry)
    else
      free[#free + 1] = entry
    end
  end
  return free
end

-- The oldest entries of an account with their attempts, at most `count`; and whether there may be more.
local function serve(account, count)
  local inbox = tag .. 'in:' .. account
  local found = redis.call('XRANGE', inbox, '-', '+', 'COUNT', count)
  if #found == 0 then
    redis.call('ZREM', KEYS[2], account)
    return {}, false
  end
  local entries = unstuck(inbox, found)
  local more = #entries < #found or #found == count
  if #entries == 0 then
    return {}, true
  end
  local upto, headed, times = 'upto:' .. account, 'head:' .. account, 'n:' .. account
  local tries, head = redis.call('HMGET', KEYS[3], upto, headed, times), entries[1]
  local fresh = not tries[1] or before(tries[1], head[1])
  if fresh and only == 'again' then
    return {}, true
  elseif not fresh and only == 'fresh' then
    left = 1
    return {}, false
  elseif fresh then
    redis.call('HSET', KEYS[3], upto, entries[#entries][1])
    for i, entry in ipairs(entries) do
      entries[i] = {entry[1], 1, entry[2]}
    end
    return entries, more
  end
  -- The head was taken before and is still here: it may be what kills its readers, so it comes alone.
  local attempt = tries[2] == head[1] and tonumber(tries[3]) + 1 or 2
  if attempt > tonumber(ARGV[4]) then
    park(inbox, head)
    redis.call('HDEL', KEYS[3], headed, times)
    return {}, true
  end
  redis.call('HSET', KEYS[3], headed, head[1], times, attempt)
  return {{head[1], attempt, head[2]}}, more
end

-- The accounts share what there is room for; who was served longest ago comes first.
local accounts = redis.call('ZRANGE', KEYS[2], 0, only == 'again' and -1 or tonumber(ARGV[3]) - 1)
local taken, again = {}, only == 'again' or #accounts == tonumber(ARGV[3])
for i, account in ipairs(accounts) do
  local found, more = serve(account, math.ceil((tonumber(ARGV[3]) - #taken) / (#accounts - i + 1)))
  again = again or more
  for _, entry in ipairs(found) do
    taken[#taken + 1] = entry
  end
  if #accounts > 1 then
    redis.call('ZADD', KEYS[2], 'XX', now, account)
  end
  if only == 'again' and #taken > 0 then
    break
  end
end
return {now, taken, again and 1 or 0, left}
