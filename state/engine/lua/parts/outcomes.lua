-- What each outcome of an execution writes. `job`: the settled job; `to`: what is the same for all jobs of a call, see settle.lua.
-- Uses store/rq_time, engine/job_results, engine/blocked_lists, engine/free_claim, engine/parked_jobs, engine/wakeups, engine/owned_jobs
-- Uses engine/flow
-- The job is over. Returns whether RQ's machinery must follow it up.
local function end_job(job, to, started_at, repeats_left, rate_limit_key, claim, owner)
  if started_at ~= '' then
    redis.call('HSET', job.key, 'status', job.outcome, 'ended_at', to.iso, 'settled', job.execution, 'started_at', started_at,
      'worker_name', to.worker)
  else
    redis.call('HSET', job.key, 'status', job.outcome, 'ended_at', to.iso, 'settled', job.execution)
  end
  if job.outcome ~= 'finished' then redis.call('HDEL', job.key, 'cancel', 'retried_as') end -- RQ's requeue may bring it back
  if claim then free_claim_of(to.namespaces, job.id, claim) end
  drop_owned(to.owned, owner, job.id)
  count_flow('out', job.queue)
  local repeats = job.outcome == 'finished' and (tonumber(repeats_left or 0) or 0) > 0
  local dependents = to.any_dependents and redis.call('EXISTS', job.key .. ':dependents') == 1
  local follow_up = repeats or rate_limit_key or dependents
  if follow_up then redis.call('ZADD', to.followups, to.now, job.id .. ':' .. job.execution .. '=' .. job.queue) end
  keep_record(job, to, repeats, follow_up)
  return follow_up
end
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
  to.is_first = to.is_first or redis.call('ZRANGE', scheduled, 0, 0)[1] == job.id
  redis.call('SADD', to.queues, to.rq .. 'queue:' .. job.queue)
  if job.outcome == 'parked' then
    write_parked(to.parked, job.key, job.id, job.error, rq_time(due_ms), math.floor(to.now / 1000))
  else
    write_result(job, to)
  end
end
-- The reply for a job whose lease this worker does not hold, or not any more.
local function earlier_reply(job, to)
  if redis.call('ZSCORE', to.followups, job.lease .. '=' .. job.queue) then return 'follow_up' end
  return redis.pcall('HGET', job.key, 'settled') == job.execution and 'settled' or 'lost'
end
-- Counts for RQ's tools what a worker did.
local function count_for_worker(record, successes, failures)
  if redis.call('EXISTS', record) == 0 then return end
  if successes > 0 then redis.pcall('HINCRBY', record, 'successful_job_count', successes) end
  if failures > 0 then redis.pcall('HINCRBY', record, 'failed_job_count', failures) end
end
