-- The row of a change, made of a job's record: for scripts that change one job, or few.
-- Uses engine/kinds
local function row_of_record(job, id, outcome, kinds)
  local found = redis.pcall('HMGET', job, 'data', 'function', 'attempt', 'host', 'tag', 'project', 'owner')
  if found.err then found = {} end
  local known, kind = pcall(kind_of, found[1], found[2], kinds)
  local row = {(known and kind or '') .. '|' .. outcome .. '||0', '0', id, found[3] or ''}
  for i = 4, 7 do row[i + 1] = string.gsub(string.sub(found[i] or '', 1, 200), '%c', ' ') end
  return table.concat(row, '\t') .. '\n'
end
