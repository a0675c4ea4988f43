-- Keeps how executions ended that failed or logged something. Sent before they are settled: who lost the lease keeps nothing.
-- Uses engine/attempts
-- KEYS
--   leases      leases (zset: job:execution → end, ms)
-- ARGV
--   rq          prefix of RQ's keys
--   ended...    4 for each execution: job, execution, how long its attempts are kept (s; '' = the job is not over, 0 = no more),
--               record (JSON that begins with the execution)
-- Returns how many were kept. Expires: the attempts, as asked.
local kept = 0
for i = ended_at, #ARGV, 4 do
  local id, execution, keep_s, record = unpack(ARGV, i, i + 3)
  if redis.call('ZSCORE', leases, id .. ':' .. execution) and redis.call('EXISTS', rq .. 'job:' .. id) == 1 then
    keep_attempt(rq .. 'job:' .. id, id, execution, record, keep_s)
    kept = kept + 1
  end
end
return kept
