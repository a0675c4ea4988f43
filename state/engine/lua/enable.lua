-- Enables an entry of the schedule: it is due when it was, and its rule decides what it missed.
-- Uses store/clock
-- KEYS
--   entries     rq-scheduler's entries (zset: id → due, s)
--   record      our record of the entry (hash)
--   returns     entries that are enabled again by themselves (zset: id → when, ms)
-- ARGV
--   now_ms      '' = server time
--   entry       its id
--   only_over   1 = only where its time has come to be enabled by itself, else ''
-- Returns 1 where that changed something, else 0. Expires nothing.
if only_over ~= '' then
  local at = redis.call('ZSCORE', returns, entry)
  if not at or tonumber(at) > clock_ms(now_ms) then return 0 end
end
redis.call('ZREM', returns, entry)
local due = redis.call('HGET', record, 'due')
redis.call('HDEL', record, 'off_reason', 'off_by', 'off_since', 'off_until')
if not due or redis.call('ZSCORE', entries, entry) then return 0 end
redis.call('ZADD', entries, due, entry)
redis.call('HSET', record, 'off', '')
return 1
