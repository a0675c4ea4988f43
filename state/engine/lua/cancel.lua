-- Cancels a job that waits, or asks one that runs to stop.
-- KEYS[1] job  KEYS[2] results of earlier attempts (stream)  KEYS[3] leases (zset: job:execution → end, ms)
-- ARGV[1] now_ms ('' = server time)  ARGV[2] job id  ARGV[3] prefix of claims  ARGV[4] seconds RQ keeps it  ARGV[5] now as RQ writes it
-- ARGV[6] prefix of RQ's keys
-- Returns the state it was in, or false where there is no such job.
-- Expires: the job and its results, as asked.
local seen, rq = redis.call('HMGET', KEYS[1], 'status', 'claim', 'origin', 'kind', 'prefetched'), ARGV[6]
if seen[1] == 'queued' and seen[5] and redis.call('ZSCORE', KEYS[3], ARGV[2] .. ':' .. seen[5]) then
  seen[1] = 'started' -- a worker has it in hand, and may have begun
end
if seen[1] == 'started' then
  redis.call('HSET', KEYS[1], 'cancel', 1)
elseif seen[1] == 'queued' or seen[1] == 'scheduled' then
  local list, queue = seen[3] or 'default', home(seen[3] or 'default', seen[4])
  redis.call('LREM', rq .. 'queue:' .. list, 0, ARGV[2])
  redis.call('ZREM', rq .. 'scheduled:' .. queue, ARGV[2])
  redis.call('HSET', KEYS[1], 'status', 'canceled', 'ended_at', ARGV[5], 'origin', queue)
  redis.call('EXPIRE', KEYS[1], ARGV[4])
  redis.call('EXPIRE', KEYS[2], ARGV[4])
  redis.call('ZADD', rq .. 'canceled:' .. queue, math.floor(clock_ms(ARGV[1]) / 1000) + ARGV[4], ARGV[2])
  local ns, member = string.match(seen[2] or '', '^([^:]*):(.*)$')
  if ns and redis.call('HGET', ARGV[3] .. ns .. ':jobs', member) == ARGV[2] then
    redis.call('HDEL', ARGV[3] .. ns .. ':jobs', member)
    redis.call('ZREM', ARGV[3] .. ns, member)
  end
end
return seen[1]
