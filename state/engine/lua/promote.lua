-- Moves delayed and parked jobs whose time has come from RQ's registries of scheduled jobs to the end of their queues.
-- Ends pauses whose time is over, and wakes whom they held up.
-- Uses store/clock, engine/parked_jobs, engine/wakeups, engine/pause_ends
-- Constants ALARM_MS
-- KEYS
--   wakeups     wake-ups (list)
--   parked      parked jobs (hash: job id → reason)
--   alarm       when the next job is due, and who comes then (string: ms, a space, who)
--   pauses      what is paused (hash: scope → JSON)
--   ends        when pauses end (zset: scope → ms)
--   queues...   for each queue rq:scheduled:<queue> (zset: job → due, s) and rq:queue:<queue> (list)
-- ARGV
--   now_ms      '' = server time
--   now         now as RQ writes it
--   at_most     so many of each queue
--   jobs        prefix of jobs
--   who         the process that asks, and that comes again when it is told to; '' = it may not
--   room        so many jobs it takes itself: for the others, workers are woken
-- Returns {how many were moved, ms until the caller is to come for the next of the others (-1 = there is none)}: when that is due or
--   a pause ends, or a little later where another process comes then. Entries whose job is gone are dropped; a queue whose keys are
--   of another type is left alone. Expires: wake-ups; the alarm, a little after its time.
local at_ms = clock_ms(now_ms)
local now_s, moved, next_s = at_ms / 1000, 0, end_pauses(pauses, ends, at_ms, wakeups) / 1000
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
if moved > tonumber(room) then wake(wakeups, moved - room) end
if next_s == math.huge then return {moved, -1} end
local next_ms = math.ceil(next_s * 1000)
if who == '' then return {moved, next_ms} end
local set = redis.pcall('GET', alarm)
local at, by = string.match(type(set) == 'string' and set or '', '^(%d+) (.*)$')
at = tonumber(at)
if at and by ~= who and at >= at_ms and at <= at_ms + next_ms + 2 then return {moved, at - at_ms + ALARM_MS} end
local expires_ms = string.format('%.0f', math.min(next_ms, 5000) + ALARM_MS)
redis.call('SET', alarm, string.format('%.0f %s', at_ms + next_ms, who), 'PX', expires_ms)
return {moved, next_ms}
