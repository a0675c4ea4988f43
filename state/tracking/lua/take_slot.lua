-- Takes, or renews, the place of a call outside a job under a concurrency limit; a holder that died loses its place with its lease.
-- Uses store/clock
-- KEYS
--   slots       places of calls outside a job (zset: holder → lease end, ms)
--   waiting     calls that wait for a place (zset: holder → end of its mark, ms); while any waits, no job starts in its stead
--   runs        jobs of the kind (zset: job:execution)
--   leases      leases (zset: job:execution → end, ms)
-- ARGV
--   now_ms      '' = server time
--   holder
--   limit       how many may run at a time, jobs included
--   lease_s     how long the place is held
--   wait_s      how long the mark of a waiting call holds
-- Returns 'taken' where the holder has a place, 'full' where there is none. Expires: both, 10 minutes after the last call.
local now = clock_ms(now_ms)
redis.call('ZREMRANGEBYSCORE', slots, '-inf', now)
redis.call('ZREMRANGEBYSCORE', waiting, '-inf', now)
local used = redis.call('ZCARD', slots) + redis.call('ZINTERSTORE', runs, 2, runs, leases, 'AGGREGATE', 'MAX')
if not redis.call('ZSCORE', slots, holder) and used >= tonumber(limit) then
  redis.call('ZADD', waiting, now + wait_s * 1000, holder)
  redis.call('EXPIRE', waiting, 600)
  return 'full'
end
redis.call('ZREM', waiting, holder)
redis.call('ZADD', slots, now + lease_s * 1000, holder)
redis.call('EXPIRE', slots, 600)
return 'taken'
