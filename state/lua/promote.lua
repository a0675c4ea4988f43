-- Moves delayed jobs whose time has come from RQ's scheduled registry to the end of their queue.
-- KEYS[1] rq:scheduled:<queue> (zset, s)  KEYS[2] rq:queue:<queue> (list)
-- ARGV[1] now_ms ('' = server time)  ARGV[2] at most so many  ARGV[3] prefix of jobs  ARGV[4] now as RQ writes it
-- Returns how many were moved. Entries whose job is gone are dropped.
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', clock_ms(ARGV[1]) / 1000, 'LIMIT', 0, ARGV[2])
local moved = 0
for _, id in ipairs(due) do
  redis.call('ZREM', KEYS[1], id)
  if redis.call('HGET', ARGV[3] .. id, 'status') == 'scheduled' then
    redis.call('HSET', ARGV[3] .. id, 'status', 'queued', 'enqueued_at', ARGV[4])
    redis.call('RPUSH', KEYS[2], id)
    moved = moved + 1
  end
end
return moved
