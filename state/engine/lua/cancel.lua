-- Cancels a job that waits, or asks a running one to stop.
-- Uses store/clock, engine/blocked_lists, engine/free_claim, engine/parked_jobs, engine/job_row, engine/counted_changes, engine/owned_jobs
-- Uses engine/flow
-- KEYS
--   job         the job (hash)
--   results     results of its earlier attempts (stream)
--   leases      leases (zset: job:execution → end, ms)
--   namespaces  claim namespaces (set)
--   parked      parked jobs (hash: job id → reason)
--   events      changes of jobs (stream)
--   kinds       kinds (hash: function → kind)
--   children    jobs that it waits for (set)
-- ARGV
--   now_ms      '' = server time
--   now         now as RQ writes it
--   id          the job's id
--   keep_s      how long RQ keeps it
--   rq          prefix of RQ's keys
--   hours       prefix of the counts of an hour
--   owned       prefix of the lists of owners
-- Returns {the status it had, how many jobs it waits or waited for}; the status is false where there is no such job. Expires: the
--   job and its results, after keep_s.
local status, claim, origin, kind, prefetched, owner =
  unpack(redis.call('HMGET', job, 'status', 'claim', 'origin', 'kind', 'prefetched', 'owner'))
if status == 'queued' and prefetched and redis.call('ZSCORE', leases, id .. ':' .. prefetched) then
  status = 'started' -- a worker holds it, and may have begun
end
if status == 'started' then
  redis.call('HSET', job, 'cancel', 1)
elseif status == 'queued' or status == 'scheduled' or status == 'deferred' then
  local list, moment = origin or 'default', clock_ms(now_ms)
  local queue = home(list, kind)
  redis.call('LREM', rq .. 'queue:' .. list, -1, id) -- from the end, where bulk actions begin: else each would read the whole queue
  redis.call('ZREM', rq .. (status == 'deferred' and 'deferred:' or 'scheduled:') .. queue, id)
  forget_parked(parked, job, id)
  redis.call('HSET', job, 'status', 'canceled', 'ended_at', now, 'origin', queue)
  redis.call('EXPIRE', job, keep_s)
  redis.call('EXPIRE', results, keep_s)
  redis.call('ZADD', rq .. 'canceled:' .. queue, math.floor(moment / 1000) + keep_s, id)
  free_claim_of(namespaces, id, claim)
  drop_owned(owned, owner, id)
  count_flow('|out|', {[queue] = 1}, now)
  tell_change(events, hours, moment, row_of_record(job, id, 'canceled', kinds))
end
return {status, redis.call('SCARD', children)}
