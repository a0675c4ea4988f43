-- Enables an entry of the schedule: it is due when it was, and its rule decides what it missed.
-- KEYS
--   entries     rq-scheduler's entries (zset: id → due, s)
--   record      our record of the entry (hash)
-- ARGV
--   entry       its id
-- Returns 1 where that changed something, else 0. Expires nothing.
local due = redis.call('HGET', record, 'due')
if not due or redis.call('ZSCORE', entries, entry) then return 0 end
redis.call('ZADD', entries, due, entry)
redis.call('HSET', record, 'off', '')
return 1
