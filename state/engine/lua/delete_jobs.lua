-- Deletes jobs that are over, with their results and what RQ keeps beside them.
-- Uses engine/job_state
-- Constants ATTEMPTS JOB_LINES
-- KEYS
--   registry    RQ's registry in which they stand (zset)
-- ARGV
--   rq          prefix of RQ's keys
--   ids...      the jobs
-- Returns how many were deleted; of a job that is gone, the entry of the registry is. One that is not over (any more) stays.
-- Expires nothing.
local deleted = 0
for i = ids_at, #ARGV do
  local id = ARGV[i]
  local job = rq .. 'job:' .. id
  local status = redis.pcall('HGET', job, 'status')
  if not status or FINAL[status] then
    deleted = deleted + redis.call('UNLINK', job) -- large values are freed beside the server's work
    redis.call('UNLINK', rq .. 'results:' .. id, job .. ':dependents', rq .. 'executions:' .. id, ATTEMPTS .. id, JOB_LINES .. id)
    redis.call('ZREM', registry, id)
  end
end
return deleted
