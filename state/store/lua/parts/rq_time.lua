-- A time (ms since 1970) as RQ writes it.
-- The date comes from days since 1970 by Howard Hinnant's "chrono-Compatible Low-Level Date Algorithms".
local function rq_time(ms)
  local z, rest = math.floor(ms / 86400000) + 719468, ms % 86400000
  local era = math.floor(z / 146097)
  local day = z - era * 146097
  local year = math.floor((day - math.floor(day / 1460) + math.floor(day / 36524) - math.floor(day / 146096)) / 365)
  day = day - (365 * year + math.floor(year / 4) - math.floor(year / 100))
  local month = math.floor((5 * day + 2) / 153)
  day = day - math.floor((153 * month + 2) / 5) + 1
  month = month < 10 and month + 3 or month - 9
  year = year + era * 400 + (month <= 2 and 1 or 0)
  return string.format('%04d-%02d-%02dT%02d:%02d:%09.6fZ', year, month, day, math.floor(rest / 3600000),
    math.floor(rest / 60000) % 60, rest % 60000 / 1000)
end
