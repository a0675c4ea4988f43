-- Reads which entries of the schedule are due, the oldest first, with their records.
-- Uses store/clock
-- KEYS
--   entries     rq-scheduler's entries (zset: id → due, s)
--   ours        entries of our tables (set)
-- ARGV
--   now_ms      '' = server time
--   skip        so many due entries are passed over
--   at_most     so many are read
--   jobs        prefix of jobs
--   records     prefix of our records of entries
-- Returns {now (ms), when the first of the others is due (s, '' = none), {id, due (s), 1 where it stands in a table,
--   due time that waits ('' = none), error of its keys ('' = none), data, meta, queue}, ...}. Expires nothing.
local now = clock_ms(now_ms)
local now_s = string.format('%.3f', now / 1000)
local later = redis.call('ZRANGEBYSCORE', entries, '(' .. now_s, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
local out = {string.format('%d', now), later[2] or ''}
local due = redis.call('ZRANGEBYSCORE', entries, '-inf', now_s, 'WITHSCORES', 'LIMIT', skip, at_most)
for i = 1, #due, 2 do
  local id, due_s = due[i], due[i + 1]
  local entry = redis.pcall('HMGET', jobs .. id, 'data', 'meta', 'origin')
  local record = redis.pcall('HMGET', records .. id, 'waits')
  local is_ours, wrong = redis.call('SISMEMBER', ours, id), entry.err or record.err or ''
  out[#out + 1] = {id, due_s, is_ours, record[1] or '', wrong, entry[1] or false, entry[2] or false, entry[3] or false}
end
return out
