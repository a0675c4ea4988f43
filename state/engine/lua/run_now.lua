-- Puts a delayed or parked job into its queue at once.
-- Uses store/clock, engine/parked_jobs, engine/wakeups, engine/job_row, engine/counted_changes
-- KEYS
--   job         the job (hash)
--   scheduled   delayed jobs of its queue (zset: job → due, s)
--   queue       its queue (list)
--   parked      parked jobs (hash: job id → reason)
--   wakeups     wake-ups (list)
--   events      changes of jobs (stream)
--   kinds       kinds (hash: function → kind)
-- ARGV
--   now_ms      '' = server time
--   now         now as RQ writes it
--   id          the job's id
--   hours       prefix of the counts of an hour
-- Returns 1, or 0 where it does not wait for a time (any more). Expires: wake-ups.
if redis.call('HGET', job, 'status') ~= 'scheduled' or not redis.call('ZSCORE', scheduled, id) then return 0 end
redis.call('LLEN', queue) -- a key of another type ends this before the first write
redis.call('ZREM', scheduled, id)
forget_parked(parked, job, id)
redis.call('HSET', job, 'status', 'queued', 'enqueued_at', now)
redis.call('RPUSH', queue, id)
wake(wakeups, 1)
tell_change(events, hours, clock_ms(now_ms), row_of_record(job, id, 'released', kinds))
return 1
