-- Cancels a job that waits, or asks a running one to stop.
-- Uses store/clock, engine/blocked_lists, engine/free_claim, engine/parked_jobs
-- KEYS
--   job         the job (hash)
--   results     results of its earlier attempts (stream)
--   leases      leases (zset: job:execution → end, ms)
--   namespaces  claim namespaces (set)
--   parked      parked jobs (hash: job id → reason)
-- ARGV
--   now_ms      '' = server time
--   now         now as RQ writes it
--   id          the job's id
--   keep_s      how long RQ keeps it
--   rq          prefix of RQ's keys
-- Returns the status it had, or false where there is no such job. Expires: the job and its results, after keep_s.
local status, claim, origin, kind, prefetched = unpack(redis.call('HMGET', job, 'status', 'claim', 'origin', 'kind', 'prefetched'))
if status == 'queued' and prefetched and redis.call('ZSCORE', leases, id .. ':' .. prefetched) then
  status = 'started' -- a worker holds it, and may have begun
end
if status == 'started' then
  redis.call('HSET', job, 'cancel', 1)
elseif status == 'queued' or status == 'scheduled' then
  local list = origin or 'default'
  local queue = home(list, kind)
  redis.call('LREM', rq .. 'queue:' .. list, 0, id)
  redis.call('ZREM', rq .. 'scheduled:' .. queue, id)
  forget_parked(parked, job, id)
  redis.call('HSET', job, 'status', 'canceled', 'ended_at', now, 'origin', queue)
  redis.call('EXPIRE', job, keep_s)
  redis.call('EXPIRE', results, keep_s)
  redis.call('ZADD', rq .. 'canceled:' .. queue, math.floor(clock_ms(now_ms) / 1000) + keep_s, id)
  free_claim_of(namespaces, id, claim)
end
return status
