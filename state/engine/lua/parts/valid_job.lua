-- Tells a job from what else may stand in a queue.
-- Uses engine/job_state
local RQ_TIME = '^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%d%.?%d*Z$'
local last_date = '' -- the last valid one: jobs that were submitted together have the same
local function is_date(text)
  if not text or text == last_date or text == '' then return true end
  if not string.match(text, RQ_TIME) then return false end
  last_date = text
  return true
end
local ELSEWHERE = {started = true, scheduled = true, deferred = true}
local function is_job_id(id)
  return string.match(id, '^[%w_-]+$')
end
-- Whether a queued id stands for a job that is over, runs or waits elsewhere: the id is dropped.
local function is_done_or_elsewhere(status)
  return FINAL[status] or ELSEWHERE[status]
end
-- Why a record is no job that a worker can run; nil where it is one.
local function defect_of(job)
  if job.status ~= 'queued' then return 'bad status: ' .. tostring(job.status) end
  if not job.data then return 'no data' end
  if not is_date(job.created_at) then return 'bad date: created_at' end
  if not is_date(job.enqueued_at) then return 'bad date: enqueued_at' end
end
-- Keeps a record of what is no job, and why.
local function quarantine(records, id, queue, reason, now)
  redis.call('HSET', records, id, cjson.encode({reason = reason, queue = queue, at_ms = now}))
end
