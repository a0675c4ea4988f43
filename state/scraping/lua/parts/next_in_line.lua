-- Calls the first holders of a line, where its next moment comes before theirs: parked jobs are brought forward.
-- Uses scraping/line, engine/hasten
-- Constants DIRECT, HASTE_MS
local function call_next(line, free_at, now, most, rq, wakeups)
  local called = 0
  for _, holder in ipairs(sorted('ZRANGE', line.order, 0, most + 8)) do
    if called >= most then return end
    local due = number(redis.call('ZSCORE', line.due, holder) or '')
    local want = math.max(now, free_at + called * line.apart)
    local became = 'later'
    if string.sub(holder, 1, #DIRECT) ~= DIRECT and (due - want > HASTE_MS or due < now - HASTE_MS) then
      became = hasten_job(rq, wakeups, string.match(holder, '^[^/]*'), math.max(now, want - line.lead))
    end
    if became == 'hastened' then redis.call('ZADD', line.due, ms(want), holder) end
    if became == 'gone' then leave_line(line, holder) else called = called + 1 end
  end
end
