-- Dedup claims: whether the holder of one still holds it.
local FINAL = {finished = true, failed = true, canceled = true, stopped = true}
-- A job is alive while its record exists and says no final state.
local function alive(job_key)
  local status = redis.call('HGET', job_key, 'status')
  return status and not FINAL[status]
end
-- A job holds its claim while it is alive. A holder that is no job (a direct call) keeps the claim for a minute after it renewed it.
local function holds(holder, jobs, since_ms, now_ms)
  if alive(jobs .. holder) then return true end
  return string.sub(holder, 1, 7) == 'direct-' and now_ms - (tonumber(since_ms) or 0) < 60000
end
