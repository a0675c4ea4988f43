-- Counts of an hour (state/engine/hourly.py).
-- Constants HOUR_TTL_S
-- pcall: no job may wait because a key of these is broken.
local function count_in_hour(hour, field, number)
  local counted = redis.pcall('HINCRBY', hour, field, number)
  if counted == tonumber(number) then redis.pcall('EXPIRE', hour, HOUR_TTL_S) end -- a new field: perhaps a new hour
end
