-- Writes who changed what, and lets go of what is old.
-- Uses store/clock
-- KEYS
--   audit       who changed what (stream)
--   needed      what must be there for the line to be written (audit = nothing)
-- ARGV
--   now_ms      '' = server time
--   keep_ms     how long a line is kept
--   most        lines at most
--   fields...   names and values
-- Returns the line's id, '' where it was not written. Expires: old lines.
if needed ~= audit and redis.call('EXISTS', needed) == 0 then return '' end
local id = redis.call('XADD', audit, 'MAXLEN', '~', most, '*', unpack(ARGV, fields_at))
redis.call('XTRIM', audit, 'MINID', '~', string.format('%d', clock_ms(now_ms) - keep_ms))
return id
