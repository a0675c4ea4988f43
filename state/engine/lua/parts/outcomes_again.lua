-- What is written of a job that goes on later. `job`, `to`: see outcomes.lua.
-- Uses store/rq_time, engine/job_results, engine/blocked_lists, engine/parked_jobs, engine/wakeups
-- The job goes back to where it came from; nothing is spent.
local function requeue_job(job, to)
  redis.call('HSET', job.key, 'status', 'queued', 'worker_name', '', 'settled', job.execution)
  put_back(to.rq, job.id, job.queue, to.limits, to.kinds)
  wake(to.wakeups, 1)
end
-- The job waits `ttl` ms: after a failure for its next attempt or, parked, for the moment when it may run.
local function delay_job(job, to)
  local scheduled, due_ms = to.rq .. 'scheduled:' .. job.queue, to.now + tonumber(job.ttl)
  redis.call('HSET', job.key, 'status', 'scheduled', 'worker_name', '', 'settled', job.execution)
  redis.call('ZADD', scheduled, string.format('%.3f', due_ms / 1000), job.id)
  if redis.call('ZRANGE', scheduled, 0, 0)[1] == job.id then to.is_first, to.wake = true, wake end
  redis.call('SADD', to.queues, to.rq .. 'queue:' .. job.queue)
  if job.outcome == 'parked' then
    write_parked(to.parked, job.key, job.id, job.error, rq_time(due_ms), math.floor(to.now / 1000))
  else
    write_result(job, to)
  end
end
local go_on = {again = requeue_job, retry = delay_job, parked = delay_job}
