-- Takes an entry out of rq-scheduler's entries; its hash, its record and its due time are kept.
-- KEYS
--   entries     rq-scheduler's entries (zset: id → due, s)
--   record      our record of the entry (hash)
-- ARGV
--   entry       its id
--   why         hand, removed
-- Returns 1 where that changed something, else 0. An entry that was disabled by hand stays so when it is removed. Expires nothing.
local due, off = redis.call('ZSCORE', entries, entry), redis.call('HGET', record, 'off')
if not due and (off == why or off == 'hand') then return 0 end
redis.call('ZREM', entries, entry)
redis.call('HSET', record, 'off', why)
if due then redis.call('HSET', record, 'due', due) end
return 1
