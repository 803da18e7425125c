-- An event for clients that no turn has brought about. KEYS the partition's hooks, its wake · ARGV id, type, body
redis.call('XADD', KEYS[1], '*', 'id', ARGV[1], 'type', ARGV[2], 'body', ARGV[3])
redis.call('SPUBLISH', KEYS[2], '1')
return 1
