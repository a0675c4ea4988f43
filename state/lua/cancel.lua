-- Cancels a job that waits, or asks one that runs to stop.
-- KEYS[1] job  KEYS[2] its queue (list)  KEYS[3] its scheduled registry (zset)  KEYS[4] its canceled registry (zset)
-- ARGV[1] now_ms ('' = server time)  ARGV[2] job id  ARGV[3] prefix of claims  ARGV[4] seconds RQ keeps it  ARGV[5] now as RQ writes it
-- Returns the state it was in, or false where there is no such job.
-- Expires: the job, as asked.
local seen = redis.call('HMGET', KEYS[1], 'status', 'claim')
if seen[1] == 'started' then
  redis.call('HSET', KEYS[1], 'cancel', 1)
elseif seen[1] == 'queued' or seen[1] == 'scheduled' then
  redis.call('LREM', KEYS[2], 0, ARGV[2])
  redis.call('ZREM', KEYS[3], ARGV[2])
  redis.call('HSET', KEYS[1], 'status', 'canceled', 'ended_at', ARGV[5])
  redis.call('EXPIRE', KEYS[1], ARGV[4])
  redis.call('ZADD', KEYS[4], math.floor(clock_ms(ARGV[1]) / 1000) + ARGV[4], ARGV[2])
  local ns, member = string.match(seen[2] or '', '^([^:]*):(.*)$')
  if ns and redis.call('HGET', ARGV[3] .. ns .. ':jobs', member) == ARGV[2] then
    redis.call('HDEL', ARGV[3] .. ns .. ':jobs', member)
    redis.call('ZREM', ARGV[3] .. ns, member)
  end
end
return seen[1]
