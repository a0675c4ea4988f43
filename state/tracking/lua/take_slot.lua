-- Takes, or renews, one of a provider's request slots. A holder that died loses its slot when its lease ends.
-- Uses store/clock
-- KEYS
--   slots        holder → end of its lease (zset, ms)
-- ARGV
--   now_ms       '' = server time
--   holder
--   limit        slots there are
--   lease_s
-- Returns 'taken', or 'full' where all are taken. Expires: the slots, 10 minutes after the last taking.
local now = clock_ms(now_ms)
redis.call('ZREMRANGEBYSCORE', slots, '-inf', now)
if not redis.call('ZSCORE', slots, holder) and redis.call('ZCARD', slots) >= tonumber(limit) then return 'full' end
redis.call('ZADD', slots, now + lease_s * 1000, holder)
redis.call('EXPIRE', slots, 600)
return 'taken'
