-- Takes the rank of a day back where it is still the one that fell: it is unknown now.
-- Uses tracking/rank_history
-- KEYS
--   ranks        the rank history of a keyword (string)
-- ARGV
--   fallen       the rank that fell (6 bytes)
--   unknown      what stands in its place (6 bytes)
-- Returns 1 where that changed it. Expires nothing.
local history = redis.call('GET', ranks) or ''
local day = day_of(fallen, 1)
for at = #history - 5, 1, -6 do
  local found = day_of(history, at)
  if found < day then return 0 end
  if found == day then
    if string.sub(history, at, at + 4) ~= string.sub(fallen, 1, 5) then return 0 end
    redis.call('SETRANGE', ranks, at - 1, unknown)
    return 1
  end
end
return 0
