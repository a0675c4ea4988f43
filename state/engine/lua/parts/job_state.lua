-- Statuses of RQ after which a job does nothing any more.
local FINAL = {finished = true, failed = true, canceled = true, stopped = true}
-- Whether a job exists and is not over.
local function alive(job_key)
  local status = redis.call('HGET', job_key, 'status')
  return status and not FINAL[status]
end
