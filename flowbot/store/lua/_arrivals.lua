-- What the inbox's functions share. Each account has an inbox of its own in a partition; `ins` names those that hold
-- something, or did when they were last looked at.

local function inbox_of(tag, channel)
  return tag .. 'in:' .. string.match(channel, '^[^/]*')
end

-- An event behind all that waits of its account; true when it is the first: a reader reads until nothing is left, so only
-- who finds an inbox empty has to wake it.
local function inbox_add(inbox, ins, channel, ...)
  redis.call('XADD', inbox, '*', ...)
  if redis.call('XLEN', inbox) > 1 then return false end
  redis.call('ZADD', ins, 'NX', 0, (string.match(channel, '^[^/]*')))
  return true
end
