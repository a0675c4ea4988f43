-- Takes workers whose record has ended out of RQ's lists: killed with their supervisor, they said no word.
-- KEYS[1] rq:workers (set: keys of workers)  KEYS[2..] rq:workers:<queue> (sets)
-- ARGV[1] at most so many of each
-- Returns how many left the first. Expires nothing.
local first = nil
for _, list in ipairs(KEYS) do
  local gone = {}
  for _, worker in ipairs(redis.call('SMEMBERS', list)) do
    if #gone < tonumber(ARGV[1]) and redis.call('EXISTS', worker) == 0 then gone[#gone + 1] = worker end
  end
  if #gone > 0 then redis.call('SREM', list, unpack(gone)) end
  first = first or #gone
end
return first
