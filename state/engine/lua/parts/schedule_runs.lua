-- The last runs of each entry of the schedule: a list of lines, the newest first, at <prefix><entry>:runs.
-- `queued <job> <due, s> <ms>` where an occurrence is queued; `<outcome> <job> <ms> <ran ms> <category>` where its job ends.
-- The job's name says of which entry it is: <entry>-<due>, or <entry>-by-hand-<hex>.
-- Constants SCHEDULE_PREFIX, MOST_RUN_LINES, RUNS_TTL_S
local RUN_ENDS = {finished = true, failed = true, stopped = true, canceled = true}
local function note_run(runs, line)
  if redis.call('LPUSH', runs, line) > MOST_RUN_LINES then redis.call('LTRIM', runs, 0, MOST_RUN_LINES - 1) end
  redis.call('EXPIRE', runs, RUNS_TTL_S)
end
local function note_run_queued(entry, job, due, now_ms)
  pcall(note_run, SCHEDULE_PREFIX .. entry .. ':runs', 'queued ' .. job .. ' ' .. due .. ' ' .. string.format('%d', now_ms))
end
local function note_run_end(now_ms, row)
  local outcome, category, ran, id = string.match(row, '^[^|]*|([^|]*)|([^|]*)|[^\t]*\t(%d+)\t(schedule%-[^\t]+)')
  local entry = RUN_ENDS[outcome] and (string.match(id, '^(.+)%-by%-hand%-%x+$') or string.match(id, '^(.+)%-%d+$'))
  local runs = entry and SCHEDULE_PREFIX .. entry .. ':runs'
  if runs and redis.call('EXISTS', runs) == 1 then
    note_run(runs, string.format('%s %s %d %s %s', outcome, id, now_ms, ran, category))
  end
end
-- pcall: no job waits because a key of these is broken.
local function note_run_ends(now_ms, rows)
  for row in string.gmatch(rows, '([^\n]+)') do pcall(note_run_end, now_ms, row) end
end
