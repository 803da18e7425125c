-- Points an account's flows to versions, all of them or none, and writes it into the account's history.
-- KEYS live, publications · ARGV the number seen before ('' for any), nonce, record, how many records are kept,
-- then flow, version of each ('' takes a flow out)
-- gives the publication's number, the same again for the same nonce; -1 when somebody else has published since
local before = redis.call('HMGET', KEYS[1], '#', '#nonce')
local number = before[1] or '0'
if before[2] == ARGV[2] then return tonumber(number) end
if ARGV[1] ~= '' and ARGV[1] ~= number then return -1 end
local mine = redis.call('HINCRBY', KEYS[1], '#', 1)
redis.call('HSET', KEYS[1], '#nonce', ARGV[2])
for at = 5, #ARGV, 2 do
  local was = '#was:' .. ARGV[at] -- the last version of one that is out: who is on the way to it still gets there
  if ARGV[at + 1] == '' then
    local last = redis.call('HGET', KEYS[1], ARGV[at])
    if last then redis.call('HSET', KEYS[1], was, last) end
    redis.call('HDEL', KEYS[1], ARGV[at])
  else
    redis.call('HSET', KEYS[1], ARGV[at], ARGV[at + 1])
    redis.call('HDEL', KEYS[1], was)
  end
end
redis.call('XADD', KEYS[2], 'MAXLEN', ARGV[4], mine .. '-1', 'b', ARGV[3])
return mine
