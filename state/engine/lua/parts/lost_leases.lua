-- What a worker is told of a job whose lease it does not hold. `job`, `to`: see outcomes.lua.
-- The reply for a job whose lease this worker does not hold, or not any more.
local function earlier_reply(job, to)
  if redis.call('ZSCORE', to.followups, job.lease .. '=' .. job.queue) then return 'follow_up' end
  return redis.pcall('HGET', job.key, 'settled') == job.execution and 'settled' or 'lost'
end
