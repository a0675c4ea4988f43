-- Finds jobs that say they are delayed and that nothing will move; lets them be due now: what they waited for is lost.
-- KEYS[1] entries of rq-scheduler (zset)  KEYS[2] queues that hold anything (set)
-- ARGV[1] 1 = repair, 0 = only look  ARGV[2] now_ms ('' = server time)  ARGV[3] prefix of RQ's keys; then job ids
-- Returns those ids. Expires nothing.
local now, rq, found = clock_ms(ARGV[2]), ARGV[3], {}
for i = 4, #ARGV do
  local id = ARGV[i]
  local seen = redis.pcall('HMGET', rq .. 'job:' .. id, 'status', 'origin', 'result_ttl')
  local registry = rq .. 'scheduled:' .. (seen[2] or '')
  local kind = redis.call('TYPE', registry).ok
  if seen[1] == 'scheduled' and seen[2] and seen[3] ~= '-1' and (kind == 'zset' or kind == 'none')
    and not redis.call('ZSCORE', registry, id) and not redis.call('ZSCORE', KEYS[1], id) then
    found[#found + 1] = id
    if ARGV[1] == '1' then
      redis.call('ZADD', registry, math.floor(now / 1000), id)
      redis.call('SADD', KEYS[2], rq .. 'queue:' .. seen[2])
    end
  end
end
return found
