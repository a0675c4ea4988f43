-- What is written of a job whose execution ended. `job`: the settled job; `to`: what is the same for all jobs of a call, see settle.lua.
-- Uses engine/job_results, engine/free_claim, engine/owned_jobs, engine/flow
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
  to.went[job.queue] = (to.went[job.queue] or 0) + 1
  local repeats = job.outcome == 'finished' and (tonumber(repeats_left or 0) or 0) > 0
  local dependents = to.any_dependents and redis.call('EXISTS', job.key .. ':dependents') == 1
  local follow_up = repeats or rate_limit_key or dependents
  if follow_up then redis.call('ZADD', to.followups, to.now, job.id .. ':' .. job.execution .. '=' .. job.queue) end
  keep_record(job, to, repeats, follow_up)
  return follow_up
end
-- Writes the outcome of a job whose lease this worker holds. Returns the reply for it.
local function settle_job(job, to, fields, started_at, was_parked)
  local found = redis.pcall('HMGET', job.key, 'status', 'repeats_left', 'rate_limit_key', 'claim', 'owner')
  if found.err or not found[1] then return 'settled' end -- it was deleted, or is no job any more
  if job.outcome == 'parked' and redis.call('HEXISTS', job.key, 'cancel') == 1 then
    job.outcome, job.ttl = 'canceled', to.keep_canceled_s
  end
  local is_over = REGISTRY[job.outcome]
  if found[1] == 'canceled' and not is_over then -- RQ cancelled it while it ran
    job.outcome = 'canceled'
    redis.call('HSET', job.key, 'settled', job.execution)
    return free_claim_of(to.namespaces, job.id, found[4]) or 'settled'
  elseif found[1] == 'canceled' then
    redis.pcall('ZREM', to.rq .. 'canceled:' .. job.queue, job.id)
  end
  if fields ~= '' then
    for name, value in pairs(cjson.decode(fields)) do redis.call('HSET', job.key, name, value) end
  end
  if was_parked ~= '' then
    -- Uses engine/parked_jobs
    end_parking(to.parked, job.key, job.id, is_over or job.outcome == 'retry')
  end
  if job.outcome == 'finished' then
    to.successes = to.successes + 1
  elseif is_over or job.outcome == 'retry' then
    to.failures = to.failures + 1
  end
  if is_over then return end_job(job, to, started_at, unpack(found, 2, 5)) and 'follow_up' or 'settled' end
  if not to.go_on then
    -- Uses engine/outcomes_again
    to.go_on = go_on
  end
  to.go_on[job.outcome](job, to)
  return 'settled'
end
-- Counts for RQ's tools what a worker did.
local function count_for_worker(record, successes, failures)
  if redis.call('EXISTS', record) == 0 then return end
  if successes > 0 then redis.pcall('HINCRBY', record, 'successful_job_count', successes) end
  if failures > 0 then redis.pcall('HINCRBY', record, 'failed_job_count', failures) end
end
