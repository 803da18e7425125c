-- Whether one more code may go to an address: takes its place in the limits, or says which of them is in the way. The
-- same call asked again has its place already.
-- KEYS codes to the address, the account's of the day, of the day to its block · ARGV call, now, least ms between two,
-- most in a period, the period in ms, most a day of the account, most a day of the block (0: it lies in none).
-- Answers the word, ms to wait: ok; soon; number, day, prefix: the limit that is used up.
local call, now = ARGV[1], clock(ARGV[2])
local gap, most, period = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local a_day, a_block = tonumber(ARGV[6]), tonumber(ARGV[7])
local DAY = 86400000

if redis.call('ZSCORE', KEYS[1], call) then return { 'ok', 0 } end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now - math.max(period, gap)))
local newest = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')[2]
if newest and tonumber(newest) + gap > now then
  return { 'soon', math.ceil(tonumber(newest) + gap - now) }
end
local recent = redis.call('ZRANGEBYSCORE', KEYS[1], string.format('(%.0f', now - period), '+inf', 'WITHSCORES')
if #recent / 2 >= most then
  return { 'number', math.ceil(tonumber(recent[2 * (#recent / 2 - most) + 2]) + period - now) }
end
local tomorrow = DAY - now % DAY
if redis.call('SCARD', KEYS[2]) >= a_day then return { 'day', tomorrow } end
if a_block > 0 and redis.call('SCARD', KEYS[3]) >= a_block then return { 'prefix', tomorrow } end

redis.call('ZADD', KEYS[1], string.format('%.0f', now), call)
redis.call('PEXPIRE', KEYS[1], math.max(period, gap))
for key = 2, a_block > 0 and 3 or 2 do
  redis.call('SADD', KEYS[key], call)
  redis.call('PEXPIRE', KEYS[key], tomorrow + 3600000)
end
return { 'ok', 0 }
