-- What became of jobs: an entry of the stream of events, and counts of the hour.
-- `rows`: a line a job (state/engine/changes.py): kind|outcome|category|bucket, ms, id, ...; an empty line is no change.
-- Uses engine/outbox, engine/schedule_runs
-- Constants MOST_EVENTS, HOUR_TTL_S
-- pcall: no job may wait because a key of these is broken.
local function count_in_hour(hour, field, number)
  local counted = redis.pcall('HINCRBY', hour, field, number)
  if counted == tonumber(number) then redis.pcall('EXPIRE', hour, HOUR_TTL_S) end -- a new field: perhaps a new hour
end
-- `counts`: what the rows add up to, as field, tab, number, tab ...
local function write_changes(events, hours, now_ms, rows, counts)
  if counts == '' then return end
  local hour = hours .. string.format('%d', now_ms / 3600000)
  redis.pcall('XADD', events, 'MAXLEN', '~', MOST_EVENTS, '*', 't', string.format('%d', now_ms), 'r', rows)
  for field, number in string.gmatch(counts, '([^\t]+)\t(%d+)') do count_in_hour(hour, field, number) end
  keep_wanted(events, now_ms, rows)
  note_run_ends(now_ms, rows)
end
-- The counts of rows, where their sender has not added them up.
local function counts_of(rows)
  local sums, counts = {}, {}
  for field, ms in string.gmatch(rows, '([^\t\n]+)\t(%d+)[^\n]*') do
    local time = string.match(field, '^[^|]*|[^|]*') .. '|ms'
    sums[field], sums[time] = (sums[field] or 0) + 1, (sums[time] or 0) + ms
  end
  for field, sum in pairs(sums) do
    if sum > 0 then counts[#counts + 1] = field .. '\t' .. string.format('%d', sum) end
  end
  return table.concat(counts, '\t')
end
-- Rows and counts as they were told; with `names`, a name a row, only of those in `ended`: true, or another outcome than told.
local function told_changes(rows, counts, names, ended)
  if not names then return rows, counts end
  local kept, number = {}, 0
  for row in string.gmatch(rows, '([^\n]*)\n') do
    number = number + 1
    local outcome = ended[names[number]]
    if outcome and outcome ~= true then row = string.gsub(row, '|[^|]*', '|' .. outcome, 1) end
    if outcome and row ~= '' then kept[#kept + 1] = row .. '\n' end
    ended[names[number]] = nil -- named twice, it ended once
  end
  rows = table.concat(kept)
  return rows, counts_of(rows)
end
-- Tells of rows that nobody has added up.
local function tell_change(events, hours, now_ms, rows)
  write_changes(events, hours, now_ms, rows, counts_of(rows))
end
