-- RQ's results of a job, and how long RQ keeps a job that is over. `job`, `to`: see outcomes.lua.
local REGISTRY = {finished = 'finished:', failed = 'failed:', stopped = 'failed:', canceled = 'canceled:'}
local RESULT_TYPE = {finished = '1', failed = '2', stopped = '3', retry = '4'}
local function write_result(job, to)
  local results, kind = to.rq .. 'results:' .. job.id, RESULT_TYPE[job.outcome]
  local name, value = 'return_value', job.result -- a result or an error, never both
  if value == '' then name, value = 'exc_string', job.error end
  if value == '' then
    redis.pcall('XADD', results, 'MAXLEN', '10', '*', 'type', kind, 'worker_name', to.worker, 'execution_id', job.execution,
      'execution_ended_at', to.now_s)
  else
    redis.pcall('XADD', results, 'MAXLEN', '10', '*', 'type', kind, 'worker_name', to.worker, 'execution_id', job.execution,
      'execution_ended_at', to.now_s, name, value)
  end
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
  local registry = REGISTRY[job.outcome] .. job.queue
  local list = to.listed[registry] or {}
  to.listed[registry], list[#list + 1], list[#list + 2] = list, to.ends_at[keep_s] or '-1', job.id
end
