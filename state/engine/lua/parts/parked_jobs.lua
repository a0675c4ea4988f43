-- Parked jobs: each waits in RQ's registry of scheduled jobs until a moment, for a reason, without an attempt spent.
-- While it waits, its record says `parked` (the reason) and `parked_until`; `parked_since` (s) stays until it does something else.
-- A hash of all of them (job id → reason) answers how many wait, and for what.
local function write_parked(parked, job, id, reason, until_iso, now_s)
  redis.call('HSET', parked, id, reason)
  redis.call('HSET', job, 'parked', reason, 'parked_until', until_iso)
  redis.call('HSETNX', job, 'parked_since', now_s)
end
-- The job waits no longer.
local function forget_parked(parked, job, id)
  if redis.call('HDEL', parked, id) == 1 then redis.call('HDEL', job, 'parked', 'parked_until') end
end
-- The job ran after it was parked: RQ's own tools may have queued it. `is_other`: it did something else than wait again.
local function end_parking(parked, job, id, is_other)
  forget_parked(parked, job, id)
  if is_other then redis.call('HDEL', job, 'parked_since') end
end
