-- Finds workers that RQ's lists name and whose record is gone; removes them from the lists.
-- KEYS
--   lists...     all workers, then the workers of each queue (sets)
-- ARGV
--   repair       1 = repair, 0 = only look
--   workers...   keys of their records, as the lists name them
-- Returns the workers without a record. Expires nothing.
local found = {}
for i = workers_at, #ARGV do
  local worker, is_listed = ARGV[i], false
  for _, list in ipairs(KEYS) do is_listed = is_listed or redis.call('SISMEMBER', list, worker) == 1 end
  if is_listed and redis.pcall('HEXISTS', worker, 'birth') == 0 then
    found[#found + 1] = worker
    for _, list in ipairs(repair == '1' and KEYS or {}) do redis.call('SREM', list, worker) end
    if repair == '1' then redis.call('DEL', worker) end -- a frozen worker may have written it since, without a TTL
  end
end
return found
