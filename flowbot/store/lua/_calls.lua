-- A call is done: it leaves its queue, and its answer enters the contact's inbox. Whether anybody waited for it.
local function call_done(calls, records, tries, inbox, wake, id, contact, channel, event)
  if redis.call('ZREM', calls, id) == 0 then
    return false
  end
  redis.call('HDEL', records, id)
  redis.call('HDEL', tries, id)
  local ins = string.match(inbox, '^{[^}]*}') .. 'ins'
  if inbox_add(inbox, ins, channel, 'c', contact, 'h', channel, 'e', event) then
    redis.call('SPUBLISH', wake, 'in')
  end
  return true
end
