-- KEYS the upload's contacts so far · ARGV ms until they are forgotten, then contacts. Of each 1 when it is new, else 0.
local new = {}
for i = 2, #ARGV do new[#new + 1] = redis.call('SADD', KEYS[1], ARGV[i]) end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return new
