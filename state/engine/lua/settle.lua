-- Ends the leases of jobs whose execution ended, each with its outcome. Only who still holds the lease may settle.
-- Uses store/clock, engine/bulk, engine/outcomes
-- KEYS
--   leases          leases (zset: job:execution → end, ms)
--   worker_record   rq:worker:<name> (hash)
--   queues          rq:queues (set)
--   wakeups         wake-ups (list)
--   followups       jobs that RQ's machinery must follow up (zset: job:execution=queue → since, ms)
--   limits          limits (hash: kind → most)
--   kinds           kinds (hash: function → kind)
--   namespaces      claim namespaces (set)
--   parked          parked jobs (hash: job id → reason)
-- ARGV
--   now_ms          '' = server time
--   now             now as RQ writes it
--   worker          its name
--   rq              prefix of RQ's keys
--   keep_canceled_s how long RQ keeps a job that was to be parked, after somebody asked it to stop
--   jobs...         10 for each job: id, execution, queue, outcome (finished, failed, canceled, stopped, retry, parked, again), result as
--                   RQ's stream holds it ('' = none), error text ('' = none; parked: the reason), ttl (how long RQ keeps it, s, -1 =
--                   for ever; retry and parked: the delay, ms), fields to set besides (JSON object, '' = none), when it started where
--                   its record does not say that yet ('' = it does), since when it was parked ('' = it was not)
-- Returns for each job settled (also when this is the second sending), follow_up (settled, and RQ's machinery must follow it up:
--   dependents, repeats, a rate limit) or lost (its lease was lost: nothing was changed). Expires: the job and its results, as asked.
local to = {now = clock_ms(now_ms), iso = now, worker = worker, rq = rq, queues = queues, wakeups = wakeups, followups = followups,
  limits = limits, kinds = kinds, namespaces = namespaces, parked = parked, listed = bulk()}
to.now_s = string.format('%.3f', to.now / 1000) -- as text, once: Redis is slow to print and to read the number of a script
local unlisted, records, in_hand, replies, count = bulk(), {}, {}, {}, {}

local function settle(job)
  if redis.call('ZREM', leases, job.lease) == 0 then
    if redis.call('ZSCORE', followups, job.lease .. '=' .. job.queue) then return 'follow_up' end
    return redis.pcall('HGET', job.key, 'settled') == job.execution and 'settled' or 'lost'
  end
  unlisted.add(rq .. 'wip:' .. job.queue, job.lease)
  records[#records + 1] = rq .. 'execution:' .. job.lease; records[#records + 1] = rq .. 'executions:' .. job.id
  in_hand[#in_hand + 1] = job.lease
  local found = redis.pcall('HMGET', job.key, 'status', 'repeats_left', 'rate_limit_key', 'claim')
  if found.err or not found[1] then return 'settled' end -- it was deleted, or is no job any more
  if job.outcome == 'parked' and redis.call('HEXISTS', job.key, 'cancel') == 1 then
    job.outcome, job.ttl = 'canceled', tonumber(keep_canceled_s)
  end
  local is_over = REGISTRY[job.outcome]
  if found[1] == 'canceled' and not is_over then -- RQ cancelled it while it ran
    redis.call('HSET', job.key, 'settled', job.execution)
    return free_claim_of(namespaces, job.id, found[4]) or 'settled'
  elseif found[1] == 'canceled' then
    redis.pcall('ZREM', rq .. 'canceled:' .. job.queue, job.id)
  end
  if job.fields ~= '' then
    for name, value in pairs(cjson.decode(job.fields)) do redis.call('HSET', job.key, name, value) end
  end
  if job.was_parked ~= '' then end_parking(parked, job.key, job.id, is_over or job.outcome == 'retry') end
  count[job.outcome] = (count[job.outcome] or 0) + 1
  if is_over then return end_job(job, to, found[2], found[3], found[4]) and 'follow_up' or 'settled' end
  if job.outcome == 'again' then requeue_job(job, to) else delay_job(job, to) end
  return 'settled'
end

local jobs, dependents = {}, {}
for i = jobs_at, #ARGV, 10 do
  local id, execution, queue, outcome, result, error_text, ttl, fields, started_at, was_parked = unpack(ARGV, i, i + 9)
  local key = rq .. 'job:' .. id
  jobs[#jobs + 1] = {id = id, execution = execution, queue = queue, outcome = outcome, result = result, error = error_text,
    ttl = tonumber(ttl), fields = fields, started_at = started_at, was_parked = was_parked, key = key, lease = id .. ':' .. execution}
  dependents[#dependents + 1] = key .. ':dependents'
end
to.any_dependents = redis.call('EXISTS', unpack(dependents)) > 0
local complete, failure = pcall(function()
  for number, job in ipairs(jobs) do replies[number] = settle(job) end
end)
unlisted.write('ZREM')
to.listed.write('ZADD')
if #in_hand > 0 then
  redis.pcall('DEL', unpack(records))
  redis.pcall('SREM', rq .. 'worker:' .. worker .. ':executions', unpack(in_hand))
end
if to.is_first then wake(wakeups, 1) end -- it is due before all other delayed jobs: a worker must learn of it
if not complete then error(failure) end -- the jobs settled so far are settled; a second sending says so
if redis.call('EXISTS', worker_record) == 1 then
  for outcome, number in pairs(count) do
    local field = COUNTED_AS[outcome]
    if field then redis.pcall('HINCRBY', worker_record, field, number) end
  end
end
return replies
