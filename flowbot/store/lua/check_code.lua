-- Whether what was typed is the code, and the end of it, in one: the right one is used up, a wrong one costs a try.
-- What is compared are two seals, made with a key that the store does not have: how long it takes tells nothing that
-- a guess could be steered by.
-- KEYS calls, records, tries, in, wake, code, counters · ARGV call, contact, channel, now, seal, flow, then the answers
-- verified, expired, locked, wrong with 1 try left, with 2 left …
-- Gives verified, expired, locked, wrong; gone: nobody waits for it.
local call, contact, channel, now, seal, flow = ARGV[1], ARGV[2], ARGV[3], clock(ARGV[4]), ARGV[5], ARGV[6]
local function done(word, event)
  call_done(KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], call, contact, channel, event)
  redis.call('HINCRBY', KEYS[7], 'code.' .. word .. ':' .. flow, 1)
  return word
end

if not redis.call('ZSCORE', KEYS[1], call) then return 'gone' end
local code = redis.call('HMGET', KEYS[6], 'seal', 'until', 'left')
local left = tonumber(code[3]) or 0
if not code[1] or tonumber(code[2]) <= now then return done('expired', ARGV[8]) end
if left <= 0 then return done('locked', ARGV[9]) end
if code[1] == seal then
  redis.call('DEL', KEYS[6])
  return done('verified', ARGV[7])
end
left = left - 1
redis.call('HSET', KEYS[6], 'left', left)
if left <= 0 then return done('locked', ARGV[9]) end
return done('wrong', ARGV[math.min(9 + left, #ARGV)])
