-- Takes a place for one more start of a flow, when its limits leave one. Who asks again has it already; without a name
-- it only looks.
-- KEYS the starts that are counted together · ARGV name, now, when the day began, when the month began (ms), most a day,
-- most a month, most for good (0: no limit).
-- Answers 1 when there is a place, 0 when there is none.
local name, now, day, month = ARGV[1], clock(ARGV[2]), ARGV[3], ARGV[4]
local limits = { { tonumber(ARGV[5]), day }, { tonumber(ARGV[6]), month }, { tonumber(ARGV[7]), '-inf' } }
local MONTHS = 62 * 86400000

if name ~= '' and redis.call('ZSCORE', KEYS[1], name) then return 1 end
for _, limit in ipairs(limits) do
  if limit[1] > 0 and redis.call('ZCOUNT', KEYS[1], limit[2], '+inf') >= limit[1] then return 0 end
end
if name == '' then return 1 end

redis.call('ZADD', KEYS[1], string.format('%.0f', now), name)
if limits[3][1] > 0 then
  redis.call('PERSIST', KEYS[1])
else
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. month)
  redis.call('PEXPIRE', KEYS[1], MONTHS)
end
return 1
