-- Writes an entry of the schedule where it is new, changed, broken or gone. An overdue run stays due, a disabled entry disabled.
-- Uses store/clock
-- KEYS
--   entries       rq-scheduler's entries (zset: id → due, s)
--   entry         the entry (hash)
--   record        our record of it (hash)
--   ours          entries of our tables (set)
-- ARGV
--   now_ms        '' = server time
--   now           now as RQ writes it
--   id            the entry's id
--   only_missing  1 = write only what is gone, else ''
--   new_due       when it is due where it is new (s)
--   changed_due   when it is due where it changed (s)
--   sooner        1 = where it changed, the earlier of its due times counts, else ''
--   fields...     names and values of the entry
-- Returns 1 where that changed something, else 0. Expires nothing.
local found = redis.call('TYPE', record).ok
local damaged = found ~= 'hash' and found ~= 'none'
if damaged then redis.call('DEL', record) end
local score, exists = redis.call('ZSCORE', entries, id), redis.call('EXISTS', entry) == 1
local off, due = unpack(redis.call('HMGET', record, 'off', 'due'))
off = off or ''
local armed = score or off == 'hand'
if only_missing ~= '' and (off == 'removed' or exists) then return 0 end
local created = redis.pcall('HGET', entry, 'created_at')
local same = type(created) == 'string' and string.match(created, '^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%d%.?%d*Z$')
for i = fields_at, #ARGV, 2 do same = same and redis.call('HGET', entry, ARGV[i]) == ARGV[i + 1] end
if same and armed and not damaged then return 0 end
redis.call('SADD', ours, id)
if not same then
  redis.call('DEL', entry)
  redis.call('HSET', entry, 'created_at', now, unpack(ARGV, fields_at))
end
if off == 'hand' then return 1 end
due = score or due or new_due
if exists and not same and due * 1000 > clock_ms(now_ms) then
  due = sooner ~= '' and tonumber(due) < tonumber(changed_due) and due or changed_due
end
redis.call('ZADD', entries, due, id)
redis.call('HSET', record, 'due', due, 'off', '')
return 1
