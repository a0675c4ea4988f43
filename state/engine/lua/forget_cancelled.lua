-- Takes jobs that were cancelled long ago out of RQ's registry. Those that RQ's own tools cancelled have no lifetime: they get one.
-- KEYS[1] rq:canceled:<queue> (zset: job → s; RQ writes when it was cancelled, we when its record ends)
-- ARGV[1] now_ms ('' = server time)  ARGV[2] at most so many  ARGV[3] seconds after which  ARGV[4] prefix of jobs
-- ARGV[5] of results
-- Returns how many. Expires: the job and its results (60 s).
local long_ago = math.floor(clock_ms(ARGV[1]) / 1000) - ARGV[3]
local ids = redis.call('ZRANGEBYSCORE', KEYS[1], 0, long_ago, 'LIMIT', 0, ARGV[2])
for _, id in ipairs(ids) do
  local job = ARGV[4] .. id
  if redis.pcall('HGET', job, 'status') == 'canceled' and redis.call('TTL', job) == -1 then
    redis.call('EXPIRE', job, 60)
    redis.call('EXPIRE', ARGV[5] .. id, 60)
  end
  redis.call('ZREM', KEYS[1], id)
end
return #ids
