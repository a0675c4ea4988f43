-- Finds workers that RQ's lists name and whose record is gone; removes them from the lists.
-- KEYS[1] all workers (set)  KEYS[2..99] workers of each queue (sets)
-- ARGV[1] 1 = repair, 0 = only look; then workers, as the lists name them: the keys of their records
-- Returns those workers. Expires nothing.
local found = {}
for i = 2, #ARGV do
  local listed = false
  for _, list in ipairs(KEYS) do listed = listed or redis.call('SISMEMBER', list, ARGV[i]) == 1 end
  if listed and redis.pcall('HEXISTS', ARGV[i], 'birth') == 0 then
    found[#found + 1] = ARGV[i]
    for _, list in ipairs(ARGV[1] == '1' and KEYS or {}) do redis.call('SREM', list, ARGV[i]) end
    if ARGV[1] == '1' then redis.call('DEL', ARGV[i]) end -- what a frozen one may have written since, without an end
  end
end
return found
