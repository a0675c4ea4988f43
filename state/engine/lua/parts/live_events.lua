-- The stream of what is news for a moment only: jobs that started, and their progress. Nobody keeps it.
-- Constants MOST_LIVE, LIVE_TTL_S
-- `rows`: a line a job, as in parts/job_changes.lua; `progress`: JSON of the one job of the rows, or nil. pcall: no job waits for it.
local function tell_live(live, rows, progress)
  if progress then
    redis.pcall('XADD', live, 'MAXLEN', '~', MOST_LIVE, '*', 'r', rows, 'p', progress)
  else
    redis.pcall('XADD', live, 'MAXLEN', '~', MOST_LIVE, '*', 'r', rows)
  end
  redis.pcall('EXPIRE', live, LIVE_TTL_S)
end
