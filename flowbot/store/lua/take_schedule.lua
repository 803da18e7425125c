-- A schedule's time has come: once, whoever else sees it. KEYS when due, records, runs
-- ARGV schedule, the due time as it was read, the next one or '', the run or '', its record, the schedule's record or ''
-- gives 1; 0: somebody else was quicker, or it was canceled
if tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]) or -1) ~= tonumber(ARGV[2]) then
  return 0
end
if ARGV[3] == '' then
  redis.call('ZREM', KEYS[1], ARGV[1])
else
  redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
end
if ARGV[4] ~= '' then
  redis.call('HSETNX', KEYS[3], ARGV[4], ARGV[5])
end
if ARGV[6] ~= '' then
  redis.call('HSET', KEYS[2], ARGV[1], ARGV[6])
end
return 1
