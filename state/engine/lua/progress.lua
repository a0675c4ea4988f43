-- Writes how far a running job is, and tells its run whether it may go on. A run that lost its lease writes nothing.
-- KEYS[1] leases (zset: job:execution → end, ms)  KEYS[2] the job (hash)
-- ARGV[1] job:execution  ARGV[2] progress (JSON)
-- Returns {1 = the lease holds, 1 = the job was asked to stop}.
-- Expires nothing: the job's own lifetime holds.
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) or redis.call('EXISTS', KEYS[2]) == 0 then return {0, 0} end
redis.call('HSET', KEYS[2], 'progress', ARGV[2])
return {1, redis.call('HEXISTS', KEYS[2], 'cancel')}
