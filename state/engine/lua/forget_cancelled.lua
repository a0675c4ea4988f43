-- Takes jobs that were cancelled long ago out of RQ's registry. RQ's own tools give a cancelled job no lifetime: it gets one here.
-- Uses store/clock
-- KEYS
--   canceled    rq:canceled:<queue> (zset: job → s; RQ writes when it was cancelled, we write when its record ends)
-- ARGV
--   now_ms      '' = server time
--   at_most     so many at a time
--   after_s     how long ago
--   jobs        prefix of jobs
--   results     prefix of results
-- Returns how many. Expires: the job and its results (60 s).
local long_ago = math.floor(clock_ms(now_ms) / 1000) - after_s
local ids = redis.call('ZRANGEBYSCORE', canceled, 0, long_ago, 'LIMIT', 0, at_most)
for _, id in ipairs(ids) do
  local job = jobs .. id
  if redis.pcall('HGET', job, 'status') == 'canceled' and redis.call('TTL', job) == -1 then
    redis.call('EXPIRE', job, 60)
    redis.call('EXPIRE', results .. id, 60)
  end
  redis.call('ZREM', canceled, id)
end
return #ids
