-- Frees a dedup claim, but only for the owner that holds it.
-- KEYS[1] claims of the namespace (zset, ms)  KEYS[2] its holders (hash)
-- ARGV[1] member  ARGV[2] owner
-- Returns 1 when it was freed, 0 when this owner did not hold it.
if redis.call('HGET', KEYS[2], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[1], ARGV[1])
return 1
