-- Takes a dedup claim for an owner, or learns who holds it.
-- KEYS[1] claims of the namespace (zset, ms)  KEYS[2] its holders (hash)  KEYS[3] claim namespaces (set)
-- ARGV[1] now_ms ('' = server time)  ARGV[2] member  ARGV[3] owner  ARGV[4] namespace  ARGV[5] prefix of jobs
-- Returns '' when the owner holds the claim now, else the holder.
-- Expires nothing: a claim ends with its owner (release, record).
local now = clock_ms(ARGV[1])
local holder = redis.call('HGET', KEYS[2], ARGV[2])
if holder == ARGV[3] then return '' end
if holder and holds(holder, ARGV[5], redis.call('ZSCORE', KEYS[1], ARGV[2]), now) then return holder end
redis.call('SADD', KEYS[3], ARGV[4])
redis.call('ZADD', KEYS[1], now, ARGV[2])
redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
return ''
