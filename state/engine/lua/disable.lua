-- Takes an entry out of rq-scheduler's entries; its hash, its record and its due time are kept.
-- Uses store/clock
-- KEYS
--   entries     rq-scheduler's entries (zset: id → due, s)
--   record      our record of the entry (hash)
--   returns     entries that are enabled again by themselves (zset: id → when, ms)
-- ARGV
--   now_ms      '' = server time
--   entry       its id
--   why         hand, removed
--   reason      why by hand ('' = nobody said; a note that it has stays)
--   actor       by whom
--   until_ms    when it is enabled again by itself ('' = never)
-- Returns 1 where that changed something but its note, else 0; -1 where `until_ms` is past. An entry that was disabled by hand stays so
--   when it is removed. Expires nothing.
local due, off = redis.call('ZSCORE', entries, entry), redis.call('HGET', record, 'off')
local now = clock_ms(now_ms)
if until_ms ~= '' and tonumber(until_ms) <= now then return -1 end
local is_new = due or (off ~= why and off ~= 'hand')
if why == 'hand' and (is_new or reason ~= '' or until_ms ~= '') then
  local since = is_new and string.format('%d', now) or redis.call('HGET', record, 'off_since') or string.format('%d', now)
  redis.call('HSET', record, 'off_reason', reason, 'off_by', actor, 'off_since', since, 'off_until', until_ms)
  if until_ms == '' then redis.call('ZREM', returns, entry) else redis.call('ZADD', returns, until_ms, entry) end
end
if not is_new then return 0 end
redis.call('ZREM', entries, entry)
redis.call('HSET', record, 'off', why)
if due then redis.call('HSET', record, 'due', due) end
return 1
