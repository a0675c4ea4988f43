-- RQ's record of an execution, which RQ's tools ask for.
-- Constants EXECUTION_TTL_S
-- Writes the record, and notes that the worker holds the job. pcall: a broken record of RQ's must not stop a job.
local function write_execution(rq, lease, id, execution, worker, at_s)
  local key = rq .. 'execution:' .. lease
  redis.pcall('HSET', key, 'id', execution, 'job_id', id, 'created_at', at_s, 'last_heartbeat', at_s, 'worker_name', worker)
  redis.pcall('EXPIRE', key, string.format('%d', EXECUTION_TTL_S))
  redis.pcall('ZADD', rq .. 'executions:' .. id, string.format('%d', at_s + EXECUTION_TTL_S), execution)
  redis.pcall('SADD', rq .. 'worker:' .. worker .. ':executions', lease)
end
-- The job and the execution that a lease names.
local function parts_of(lease)
  return string.match(lease, '^(.-):?([^:]*)$')
end
