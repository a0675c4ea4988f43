-- Moves delayed jobs whose time has come from RQ's scheduled registries to the end of their queues.
-- KEYS[1] wake-ups (list)  KEYS[2..] for each queue rq:scheduled:<queue> (zset, s) and rq:queue:<queue> (list)
-- ARGV[1] now_ms ('' = server time)  ARGV[2] at most so many of each  ARGV[3] prefix of jobs  ARGV[4] now as RQ writes it
-- Returns how many were moved. Entries whose job is gone are dropped; a queue whose keys are of another type is left alone.
local now, moved = clock_ms(ARGV[1]) / 1000, 0
local function is(key, kind)
  local found = redis.call('TYPE', key).ok
  return found == kind or found == 'none'
end
for i = 2, #KEYS, 2 do
  local due = redis.pcall('ZRANGEBYSCORE', KEYS[i], '-inf', now, 'LIMIT', 0, ARGV[2])
  if not due.err and #due > 0 and is(KEYS[i + 1], 'list') then
    for _, id in ipairs(due) do
      redis.call('ZREM', KEYS[i], id)
      if redis.pcall('HGET', ARGV[3] .. id, 'status') == 'scheduled' then
        redis.call('HSET', ARGV[3] .. id, 'status', 'queued', 'enqueued_at', ARGV[4])
        redis.call('RPUSH', KEYS[i + 1], id)
        moved = moved + 1
      end
    end
  end
end
if moved > 0 then wake(KEYS[1], moved) end
return moved
