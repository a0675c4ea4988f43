-- Takes jobs whose record has expired out of RQ's registries of jobs that are over.
-- Uses store/clock
-- KEYS
--   registries...  (zset: job → when its record expires, s; -1 = never)
-- ARGV
--   now_ms      '' = server time
-- Returns how many. Expires nothing.
local now_s, expired = math.floor(clock_ms(now_ms) / 1000), 0
for i = registries_at, #KEYS do expired = expired + redis.call('ZREMRANGEBYSCORE', KEYS[i], 0, now_s) end
return expired
