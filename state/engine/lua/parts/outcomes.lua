-- What each outcome of an execution writes. `job`: the settled job; `to`: what is the same for all jobs of a call, see settle.lua.
-- Uses store/rq_time, engine/bulk, engine/blocked_lists, engine/free_claim, engine/parked_jobs, engine/wakeups
local REGISTRY = {finished = 'finished:', failed = 'failed:', stopped = 'failed:', canceled = 'canceled:'}
local RESULT_TYPE = {finished = '1', failed = '2', stopped = '3', retry = '4'}
local function write_result(job, to)
  local entry = {'type', RESULT_TYPE[job.outcome], 'worker_name', to.worker, 'execution_id', job.execution,
    'execution_ended_at', to.now_s}
  if job.result ~= '' then entry[#entry + 1] = 'return_value'; entry[#entry + 1] = job.result end
  if job.error ~= '' then entry[#entry + 1] = 'exc_string'; entry[#entry + 1] = job.error end
  redis.pcall('XADD', to.rq .. 'results:' .. job.id, 'MAXLEN', '10', '*', unpack(entry))
end
-- Keeps or drops the record of a job that is over.
local function keep_record(job, to, repeats, follow_up)
  local results, keep_s = to.rq .. 'results:' .. job.id, tonumber(job.ttl)
  if job.outcome == 'finished' and keep_s == 0 and not repeats then
    redis.call('DEL', results)
    redis.call('EXPIRE', job.key, follow_up and 60 or 0) -- the follow-up still reads it
    return
  end
  if job.outcome ~= 'canceled' then write_result(job, to) end
  if keep_s > 0 then
    redis.call('EXPIRE', job.key, job.ttl) -- as text: Redis is slow to print the number of a script
    redis.call('EXPIRE', results, job.ttl) -- also the results of earlier attempts
    to.ends_at[keep_s] = to.ends_at[keep_s] or string.format('%d', to.now / 1000 + keep_s)
  end
  collect(to.listed, to.rq .. REGISTRY[job.outcome] .. job.queue, to.ends_at[keep_s] or '-1', job.id)
end
-- The job is over. Returns whether RQ's machinery must follow it up.
local function end_job(job, to, started_at, repeats_left, rate_limit_key, claim)
  if started_at ~= '' then
    redis.call('HSET', job.key, 'status', job.outcome, 'ended_at', to.iso, 'settled', job.execution, 'started_at', started_at,
      'worker_name', to.worker)
  else
    redis.call('HSET', job.key, 'status', job.outcome, 'ended_at', to.iso, 'settled', job.execution)
  end
  if job.outcome ~= 'finished' then redis.call('HDEL', job.key, 'cancel') end -- RQ's requeue may bring it back
  if claim then free_claim_of(to.namespaces, job.id, claim) end
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
  redis.call('ZADD', scheduled, math.ceil(due_ms / 1000), job.id)
  to.is_first = to.is_first or redis.call('ZRANGE', scheduled, 0, 0)[1] == job.id
  redis.call('SADD', to.queues, to.rq .. 'queue:' .. job.queue)
  if job.outcome == 'parked' then
    write_parked(to.parked, job.key, job.id, job.error, rq_time(due_ms), math.floor(to.now / 1000))
  else
    write_result(job, to)
  end
end
