-- Lines for who looks on. KEYS the partition's · ARGV how many are kept, ms that they are, line … · gives how many
for i = 3, #ARGV do redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'l', ARGV[i]) end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return #ARGV - 2
