-- Whether a job still waits or runs.
local LIVES = {queued = true, started = true, scheduled = true, deferred = true}
local function job_lives(rq, id)
  local status = redis.pcall('HGET', rq .. 'job:' .. id, 'status')
  return type(status) == 'string' and LIVES[status] or false
end
