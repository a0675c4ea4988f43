-- Reads the oldest entries of the outbox. Where there are none, the mark of the job that reads it goes.
-- KEYS
--   outbox      the outbox (stream)
--   roused      mark: the job is on its way (string)
-- ARGV
--   count       how many
--   roused_s    the mark lives so long
-- Returns {{entry, {field, value, ...}}, ...}. Expires: the mark.
local found = redis.call('XRANGE', outbox, '-', '+', 'COUNT', count)
if not found[1] then redis.call('DEL', roused) else redis.call('EXPIRE', roused, roused_s) end
return found
