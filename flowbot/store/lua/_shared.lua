local function server_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Whether the caller still holds the lease that it took, under the epoch that it was given then.
local function holds(lease, owner, epoch)
  local now = redis.call('HMGET', lease, 'owner', 'epoch')
  return now[1] == owner and now[2] == epoch
end
