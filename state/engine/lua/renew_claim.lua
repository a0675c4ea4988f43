-- Renews the claim of a call outside a job: it lapses a minute after this (prelude.lua: holds).
-- KEYS[1] claims of the namespace (zset, ms)  KEYS[2] its holders (hash)
-- ARGV[1] now_ms ('' = server time)  ARGV[2] member  ARGV[3] owner
-- Returns 1 when it was renewed, 0 when this owner holds it no longer. Expires nothing.
if redis.call('HGET', KEYS[2], ARGV[2]) ~= ARGV[3] then return 0 end
redis.call('ZADD', KEYS[1], 'XX', clock_ms(ARGV[1]), ARGV[2])
return 1
