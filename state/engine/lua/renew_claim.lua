-- Renews the claim of a direct call, which lapses a minute after this (parts/claims.lua: holds).
-- Uses store/clock
-- KEYS
--   claims      claims of the namespace (zset: member → since, ms)
--   holders     their holders (hash)
-- ARGV
--   now_ms      '' = server time
--   member      the claim's member
--   owner       who holds it
-- Returns 1 where it was renewed, 0 where this owner holds it no longer. Expires nothing.
if redis.call('HGET', holders, member) ~= owner then return 0 end
redis.call('ZADD', claims, 'XX', clock_ms(now_ms), member)
return 1
