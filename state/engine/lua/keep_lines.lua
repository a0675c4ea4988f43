-- Keeps what running executions have logged so far. Who lost the lease keeps nothing.
-- Constants JOB_LINES ATTEMPTS_TTL_S
-- KEYS
--   leases      leases (zset: job:execution → end, ms)
-- ARGV
--   running...  2 for each execution: its lease (job:execution), what it logged (JSON array)
-- Returns how many were kept. Expires: them (they go when the execution ends).
local kept = 0
for i = running_at, #ARGV, 2 do
  if redis.call('ZSCORE', leases, ARGV[i]) then
    redis.call('SET', JOB_LINES .. string.match(ARGV[i], '^(.*):'), ARGV[i + 1], 'EX', ATTEMPTS_TTL_S)
    kept = kept + 1
  end
end
return kept
