-- Tells those who follow the events, or want starts, which jobs started.
-- `rows`: what a lease request is answered: {.., .., {job, execution, queue, fields, started or prefetched}, ...}.
local function tell_started(to, rows, now_ms, rq, kinds)
  if not rows[3] or redis.call('EXISTS', to.followed, to.events .. ':wanted') == 0 then return end
  -- Uses engine/job_row, engine/live_events, engine/wanted
  local told = {}
  for i = 3, #rows do
    local id = rows[i][1]
    if rows[i][5] == 'started' then told[#told + 1] = row_of_record(rq .. 'job:' .. id, id, 'started', kinds) end
  end
  if not told[1] then return end
  local text = table.concat(told)
  if redis.call('EXISTS', to.followed) == 1 then tell_live(to.live, text) end
  keep_wanted(to.events, now_ms, text, 'started')
end
