-- Tells those who follow the events, or want starts, which jobs started.
-- Constants EVENTS, FOLLOWED, JOB_PREFIX, KINDS
-- `rows`: what a lease request is answered: {.., .., {job, execution, queue, fields, started or prefetched}, ...}.
local function tell_started(rows, now_ms)
  if not rows[3] or redis.call('EXISTS', FOLLOWED, EVENTS .. ':wanted') == 0 then return end
  -- Uses engine/job_row, engine/live_events, engine/wanted
  local told = {}
  for i = 3, #rows do
    local id = rows[i][1]
    if rows[i][5] == 'started' then told[#told + 1] = row_of_record(JOB_PREFIX .. id, id, 'started', KINDS) end
  end
  if not told[1] then return end
  local text = table.concat(told)
  if redis.call('EXISTS', FOLLOWED) == 1 then tell_live(EVENTS .. ':live', text) end
  keep_wanted(EVENTS, now_ms, text, 'started')
end
