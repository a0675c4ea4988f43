-- Ends the leases of jobs whose execution ended, each with its outcome. Only who still holds the lease may settle.
-- Uses store/clock, engine/outcomes, engine/released_leases, engine/job_changes
-- Constants RQ_PREFIX, RQ_QUEUES, WAKE_LIST, FOLLOWUPS, LIMITS, KINDS, CLAIM_NAMESPACES, PARKED, EVENTS, HOUR_PREFIX, OWNED_PREFIX
-- Constants FAILED_S
-- KEYS
--   leases          leases (zset: job:execution → end, ms)
--   worker_record   rq:worker:<name> (hash)
--   fingerprints    failures by fingerprint (zset: id → last, ms)
-- ARGV
--   now_ms          '' = server time
--   now             now as RQ writes it
--   worker          its name
--   rows            what changes, a line a job (parts/job_changes.lua)
--   counts          what the rows add up to, where all of them hold
--   failed          what failed for good, a line a job (parts/failures.lua)
--   any_records     '' = RQ has no record of any of these executions: all of them were short
--   jobs...         10 for each job: id, execution, queue, outcome (finished, failed, canceled, stopped, retry, parked, again), ttl
--                   (how long RQ keeps it, s, -1 = for ever; retry and parked: the delay, ms), result as RQ's stream holds it ('' =
--                   none), error text ('' = none; parked: the reason), fields to set besides (JSON object, '' = none), when it started where
--                   its record does not say that yet ('' = it does), since when it was parked ('' = it was not)
-- Returns for each job settled (also when this is the second sending), follow_up (settled, and RQ's machinery must follow it up:
--   dependents, repeats, a rate limit) or lost (its lease was lost: nothing was changed). Expires: the job and its results, as asked.
local to = {now = clock_ms(now_ms), iso = now, worker = worker, rq = RQ_PREFIX, queues = RQ_QUEUES, wakeups = WAKE_LIST,
  followups = FOLLOWUPS, limits = LIMITS, kinds = KINDS, namespaces = CLAIM_NAMESPACES, parked = PARKED, owned = OWNED_PREFIX,
  keep_canceled_s = FAILED_S, listed = {}, ends_at = {}, went = {}, successes = 0, failures = 0}
to.now_s = string.format('%.3f', to.now / 1000) -- as text, once: Redis is slow to print and to read the number of a script
local released, replies = released_leases(leases, RQ_PREFIX, worker, any_records ~= ''), {}
local ended, are_as_told, names, dependents = {}, true, {}, {} -- ended: lease → true, or the outcome that it has instead of the told

local function settle_at(i, lease, is_held)
  local id, execution, queue, outcome, ttl, result, error_text, fields, started_at, was_parked = unpack(ARGV, i, i + 9)
  local job = {id = id, key = RQ_PREFIX .. 'job:' .. id, execution = execution, queue = queue, outcome = outcome, result = result,
    error = error_text, ttl = ttl, lease = lease}
  if not is_held or ended[lease] then
    are_as_told = false
    -- Uses engine/lost_leases
    return earlier_reply(job, to)
  end
  released.add(lease, id, queue, started_at == '')
  local reply = settle_job(job, to, fields, started_at, was_parked)
  if job.outcome == outcome then ended[lease] = true else ended[lease], are_as_told = job.outcome, false end
  return reply
end
for i = jobs_at, #ARGV, 10 do
  names[#names + 1] = ARGV[i] .. ':' .. ARGV[i + 1]
  dependents[#dependents + 1] = RQ_PREFIX .. 'job:' .. ARGV[i] .. ':dependents'
end
to.any_dependents = redis.call('EXISTS', unpack(dependents)) > 0
local held = redis.call('ZMSCORE', leases, unpack(names))
local complete, failure = pcall(function()
  for n, lease in ipairs(names) do replies[n] = settle_at(jobs_at + 10 * n - 10, lease, held[n]) end
end)
count_flow('|out|', to.went, now)
for registry, list in pairs(to.listed) do redis.pcall('ZADD', RQ_PREFIX .. registry, unpack(list)) end -- pcall: no job waits for RQ's
if released.release() then
  if failed ~= '' then
    -- Uses engine/failures
    count_failures(fingerprints, to.now, failed, ended)
  end
  if not (are_as_told and complete) then
    -- Uses engine/counted_changes
    rows, counts = told_changes(rows, names, ended)
  end
  write_changes(EVENTS, HOUR_PREFIX, to.now, rows, counts)
end
if to.is_first then to.wake(WAKE_LIST, 1) end -- it is due before all other delayed jobs: a worker must learn of it
if not complete then error(failure) end -- the jobs settled so far are settled; a second sending says so
count_for_worker(worker_record, to.successes, to.failures)
return replies
