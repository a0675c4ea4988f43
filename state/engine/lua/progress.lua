-- Writes how far a running job is, and tells its execution whether it may go on. An execution without its lease writes nothing.
-- KEYS
--   leases      leases (zset: job:execution → end, ms)
--   job         the job (hash)
-- ARGV
--   lease       job:execution
--   progress    JSON
-- Returns lost (the lease), stop (somebody asked the job to) or go_on. Expires nothing: the job's own lifetime holds.
if not redis.call('ZSCORE', leases, lease) or redis.call('EXISTS', job) == 0 then return 'lost' end
redis.call('HSET', job, 'progress', progress)
return redis.call('HEXISTS', job, 'cancel') == 1 and 'stop' or 'go_on'
