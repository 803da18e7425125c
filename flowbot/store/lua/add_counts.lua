-- KEYS hash · ARGV field, change, and so on
for at = 1, #ARGV, 2 do
  redis.call('HINCRBY', KEYS[1], ARGV[at], ARGV[at + 1])
end
return #ARGV / 2
