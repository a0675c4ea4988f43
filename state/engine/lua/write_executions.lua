-- Writes RQ's records of the executions of jobs that run for a while. A prefetched job is started by it.
-- Uses store/clock, store/rq_time, engine/blocked_lists, engine/execution_record, engine/started_jobs
-- KEYS
--   leases      leases (zset: job:execution → end, ms)
-- ARGV
--   now_ms      '' = server time
--   worker      its name
--   rq          prefix of RQ's keys
--   began...    for each job its lease (job:execution) and when it began (s since 1970)
-- Returns how many; a job that ended meanwhile gets none. Expires: the records (a day; they end with the job).
local written, started = 0, {'', ''}
local function start(job, lease, at_s)
  local queue = home(job.origin or 'default', job.kind)
  local iso = rq_time(at_s * 1000)
  redis.call('HSET', job.key, 'status', 'started', 'worker_name', worker, 'started_at', iso, 'last_heartbeat', iso)
  redis.pcall('ZADD', rq .. 'wip:' .. queue, string.format('%d', at_s + EXECUTION_TTL_S), lease)
end
for i = began_at, #ARGV, 2 do
  local lease, at_s = ARGV[i], ARGV[i + 1]
  local id, execution = parts_of(lease)
  if redis.call('ZSCORE', leases, lease) then
    local job = rq .. 'job:' .. id
    local seen = redis.pcall('HMGET', job, 'status', 'prefetched', 'origin', 'kind')
    if seen[1] == 'queued' and seen[2] == execution then
      start({key = job, origin = seen[3], kind = seen[4]}, lease, at_s)
      started[#started + 1] = {id, execution, '', '', 'started'}
    end
    write_execution(rq, lease, id, execution, worker, at_s)
    written = written + 1
  end
end
tell_started(started, clock_ms(now_ms))
return written
