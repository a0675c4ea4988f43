-- Writes who changed what, and lets go of what is old.
-- Uses store/clock
-- KEYS
--   audit       who changed what (stream)
-- ARGV
--   now_ms      '' = server time
--   keep_ms     how long a line is kept
--   most        lines at most
--   fields...   names and values
-- Returns the line's id. Expires: old lines.
local id = redis.call('XADD', audit, 'MAXLEN', '~', most, '*', unpack(ARGV, fields_at))
redis.call('XTRIM', audit, 'MINID', '~', string.format('%d', clock_ms(now_ms) - keep_ms))
return id
