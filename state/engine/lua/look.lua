-- What of the schedule is due, the oldest first, with what its entries say. Reads only.
-- KEYS[1] rq-scheduler's entries (zset: id → due, s)  KEYS[2] entries of tables (set)
-- ARGV[1] now_ms ('' = server time)  ARGV[2] pass over so many  ARGV[3] at most so many  ARGV[4] prefix of jobs  ARGV[5] of records
-- Returns {now (ms), when the first of the others is due (s, '' = none), {id, due (s), 1 if it stands in a table, due time that
--   waits ('' = none), what is wrong with its keys ('' = nothing), data, meta, queue}, ...}.
local now = clock_ms(ARGV[1])
local at = string.format('%.3f', now / 1000)
local later = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. at, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
local out = {string.format('%d', now), later[2] or ''}
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', at, 'WITHSCORES', 'LIMIT', ARGV[2], ARGV[3])
for i = 1, #due, 2 do
  local entry = redis.pcall('HMGET', ARGV[4] .. due[i], 'data', 'meta', 'origin')
  local record = redis.pcall('HMGET', ARGV[5] .. due[i], 'waits')
  local ours, wrong = redis.call('SISMEMBER', KEYS[2], due[i]), entry.err or record.err or ''
  out[#out + 1] = {due[i], due[i + 1], ours, record[1] or '', wrong, entry[1] or false, entry[2] or false, entry[3] or false}
end
return out
