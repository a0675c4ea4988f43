-- Moves delayed and parked jobs whose time has come from RQ's registries of scheduled jobs to the end of their queues.
-- Uses store/clock, engine/parked_jobs, engine/wakeups
-- KEYS
--   wakeups     wake-ups (list)
--   parked      parked jobs (hash: job id → reason)
--   queues...   for each queue rq:scheduled:<queue> (zset: job → due, s) and rq:queue:<queue> (list)
-- ARGV
--   now_ms      '' = server time
--   now         now as RQ writes it
--   at_most     so many of each queue
--   jobs        prefix of jobs
-- Returns {how many were moved, ms until the next of the others is due (-1 = there is none)}. Entries whose job is gone are dropped;
--   a queue whose keys are of another type is left alone. Expires: wake-ups.
local now_s, moved, next_s = clock_ms(now_ms) / 1000, 0, math.huge
local any_parked = redis.call('EXISTS', parked) == 1
local function is(key, kind)
  local found = redis.call('TYPE', key).ok
  return found == kind or found == 'none'
end
local function promote(id, scheduled, queue)
  local job = jobs .. id
  redis.call('ZREM', scheduled, id)
  if any_parked then forget_parked(parked, job, id) end
  if redis.pcall('HGET', job, 'status') == 'scheduled' then
    redis.call('HSET', job, 'status', 'queued', 'enqueued_at', now)
    redis.call('RPUSH', queue, id)
    moved = moved + 1
  end
end
for i = queues_at, #KEYS, 2 do
  local scheduled, queue = KEYS[i], KEYS[i + 1]
  local due, head = redis.pcall('ZRANGEBYSCORE', scheduled, '-inf', now_s, 'LIMIT', 0, at_most), {}
  if not due.err and #due > 0 and is(queue, 'list') then
    for _, id in ipairs(due) do promote(id, scheduled, queue) end
  end
  if not due.err then head = redis.call('ZRANGE', scheduled, 0, 0, 'WITHSCORES') end
  if head[2] then next_s = math.min(next_s, math.max(0, head[2] - now_s)) end
end
if moved > 0 then wake(wakeups, moved) end
return {moved, next_s < math.huge and math.ceil(next_s * 1000) or -1}
