-- Notes what is known of templates, each fact only where it is not older than what is there. What changes raises '#n',
-- so that whoever knows that number knows all of it.
-- KEYS hash · ARGV field, at, value, for each. Answers how many changed.
local function split(kept)
  local at, value = string.match(kept or '', '^(%d+)\n(.*)$')
  return tonumber(at) or -1, value
end

local changed = 0
for i = 1, #ARGV, 3 do
  local field, at, value = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local known_at, known = split(redis.call('HGET', KEYS[1], field))
  if tonumber(at) >= known_at then
    redis.call('HSET', KEYS[1], field, at .. '\n' .. value)
    if value ~= known then changed = changed + 1 end
  end
end
if changed > 0 then redis.call('HINCRBY', KEYS[1], '#n', 1) end
return changed
