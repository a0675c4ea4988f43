-- Changes of jobs whose sender has not added them up, or told them otherwise than they became.
-- Uses engine/job_changes
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
-- Rows and counts of those in `ended`: true, or another outcome than told. `names`: a name a row.
local function told_changes(rows, names, ended)
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
