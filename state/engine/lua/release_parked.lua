-- Lets jobs that are parked for a reason be due now: `promote` queues them.
-- Uses store/clock, engine/wakeups
-- Constants MOST_WAKEUPS
-- KEYS
--   parked      parked jobs (hash: job id → reason)
--   wakeups     wake-ups (list)
-- ARGV
--   now_ms      '' = server time
--   reason      the reason
--   rq          prefix of RQ's keys
--   jobs...     their ids
-- Returns how many of them are due by this. Expires: wake-ups.
local now_s, released = string.format('%d', clock_ms(now_ms) / 1000), 0
for i = jobs_at, #ARGV do
  local id = ARGV[i]
  local seen = redis.pcall('HMGET', rq .. 'job:' .. id, 'status', 'parked', 'origin')
  if not seen.err and seen[1] == 'scheduled' and seen[2] == reason and seen[3] and redis.call('HEXISTS', parked, id) == 1 then
    local scheduled = rq .. 'scheduled:' .. seen[3]
    if type(redis.pcall('ZSCORE', scheduled, id)) == 'string' then
      redis.call('ZADD', scheduled, 'XX', now_s, id)
      released = released + 1
    end
  end
end
if released > 0 then wake(wakeups, MOST_WAKEUPS) end
return released
