-- Takes jobs whose record has expired out of RQ's registries of what is over.
-- KEYS[1], KEYS[2..] registries (zset: job → when its record expires, s; -1 = never)
-- ARGV[1] now_ms ('' = server time)
-- Returns how many. Expires nothing.
local now, expired = math.floor(clock_ms(ARGV[1]) / 1000), 0
for _, registry in ipairs(KEYS) do expired = expired + redis.call('ZREMRANGEBYSCORE', registry, 0, now) end
return expired
