-- Takes workers whose record has ended out of RQ's lists: they were killed together with their supervisor.
-- KEYS
--   workers     rq:workers (set: keys of workers)
--   queues...   rq:workers:<queue> (sets)
-- ARGV
--   at_most     so many of each list
-- Returns how many left the first list. Expires nothing.
local function forget(list)
  local gone = {}
  for _, worker in ipairs(redis.call('SMEMBERS', list)) do
    if #gone < tonumber(at_most) and redis.call('EXISTS', worker) == 0 then gone[#gone + 1] = worker end
  end
  if #gone > 0 then redis.call('SREM', list, unpack(gone)) end
  return #gone
end
local left = forget(workers)
for i = queues_at, #KEYS do forget(KEYS[i]) end
return left
