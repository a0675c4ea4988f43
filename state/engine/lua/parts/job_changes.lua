-- What became of jobs: an entry of the stream of events, and counts of the hour.
-- `rows`: a line a job (state/engine/changes.py): kind|outcome|category|bucket, ms, id, ...; an empty line is no change.
-- Uses engine/hour_counts, engine/wanted
-- Constants MOST_EVENTS
-- `counts`: what the rows add up to, as field, tab, number, tab ...
-- pcall: no job may wait because a key of these is broken.
local function write_changes(events, hours, now_ms, rows, counts)
  if counts == '' then return end
  local hour = hours .. string.format('%d', now_ms / 3600000)
  redis.pcall('XADD', events, 'MAXLEN', '~', MOST_EVENTS, '*', 't', string.format('%d', now_ms), 'r', rows)
  for field, number in string.gmatch(counts, '([^\t]+)\t(%d+)') do count_in_hour(hour, field, number) end
  keep_wanted(events, now_ms, rows)
  if string.find(rows, '\tschedule-', 1, true) then
    -- Uses engine/schedule_runs
    note_run_ends(now_ms, rows)
  end
end
