-- Moves delayed jobs whose time has come from RQ's scheduled registries to the end of their queues.
-- KEYS[1] wake-ups (list)  KEYS[2..] for each queue rq:scheduled:<queue> (zset, s) and rq:queue:<queue> (list)
-- ARGV[1] now_ms ('' = server time)  ARGV[2] at most so many of each  ARGV[3] prefix of jobs  ARGV[4] now as RQ writes it
-- Returns {how many were moved, ms until the next of the others is due (-1 = there is none)}. Entries whose job is gone are dropped;
--   a queue whose keys are of another type is left alone. Expires: wake-ups.
local now, moved, following = clock_ms(ARGV[1]) / 1000, 0, math.huge
local function is(key, kind)
  local found = redis.call('TYPE', key).ok
  return found == kind or found == 'none'
end
for i = 2, #KEYS, 2 do
  local due, head = redis.pcall('ZRANGEBYSCORE', KEYS[i], '-inf', now, 'LIMIT', 0, ARGV[2]), {}
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
  if not due.err then head = redis.call('ZRANGE', KEYS[i], 0, 0, 'WITHSCORES') end
  if head[2] then following = math.min(following, math.max(0, head[2] - now)) end
end
if moved > 0 then wake(KEYS[1], moved) end
return {moved, following < math.huge and math.ceil(following * 1000) or -1}
