-- Writes how far a running job is, and tells its execution whether it may go on. An execution without its lease writes nothing.
-- Uses engine/job_row, engine/live_events
-- KEYS
--   leases      leases (zset: job:execution → end, ms)
--   job         the job (hash)
--   followed    somebody follows the events (string)
--   live        what is news for a moment (stream)
--   kinds       kinds (hash: function → kind)
-- ARGV
--   id          of the job
--   lease       job:execution
--   progress    JSON
-- Returns lost (the lease), stop (somebody asked the job to) or go_on. Expires: the stream (a minute); the job's own lifetime holds.
if not redis.call('ZSCORE', leases, lease) or redis.call('EXISTS', job) == 0 then return 'lost' end
redis.call('HSET', job, 'progress', progress)
if redis.call('EXISTS', followed) == 1 then tell_live(live, row_of_record(job, id, 'progress', kinds), progress) end
return redis.call('HEXISTS', job, 'cancel') == 1 and 'stop' or 'go_on'
