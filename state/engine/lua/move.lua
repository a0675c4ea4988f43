-- Moves a job that waits to another queue: from the end of which it is taken after those that stand there.
-- Uses engine/blocked_lists, engine/wakeups
-- KEYS
--   job         the job (hash)
--   leases      leases (zset: job:execution → end, ms)
--   queues      rq:queues (set)
--   wakeups     wake-ups (list)
-- ARGV
--   id          the job's id
--   to          the queue
--   rq          prefix of RQ's keys
-- Returns moved, there (it waits in that queue), running, ended, gone (no such job), or away (its record says that it waits, and it
--   stands nowhere: some process is moving it). A blocked job stays blocked, in the list of that queue; a delayed or parked one waits
--   for the same moment. Sent again it says there. Expires: wake-ups.
local ENDS = {finished = true, failed = true, canceled = true, stopped = true}
local status, origin, kind, prefetched = unpack(redis.call('HMGET', job, 'status', 'origin', 'kind', 'prefetched'))
if not status then return 'gone' end
if ENDS[status] then return 'ended' end
if status == 'started' or (prefetched and redis.call('ZSCORE', leases, id .. ':' .. prefetched)) then return 'running' end
local list = origin or 'default'
local from = home(list, kind)
if from == to then return 'there' end
-- What is blocked is so for its kind, whatever its queue is.
local target = list == from and to or to .. '.' .. kind
local function move_in_lists()
  redis.call('LLEN', rq .. 'queue:' .. target) -- a key of another type ends this before the first write
  if redis.call('LREM', rq .. 'queue:' .. list, -1, id) == 0 then return false end -- from the end: bulk actions begin there
  redis.call('RPUSH', rq .. 'queue:' .. target, id)
  wake(wakeups, 1)
  return true
end
local function move_in_registries(registry)
  local score = redis.call('ZSCORE', rq .. registry .. from, id)
  if not score then return false end
  redis.call('ZADD', rq .. registry .. to, score, id)
  redis.call('ZREM', rq .. registry .. from, id)
  if redis.call('ZRANGE', rq .. registry .. to, 0, 0)[1] == id then wake(wakeups, 1) end
  target = to
  return true
end
local is_moved
if status == 'queued' then is_moved = move_in_lists()
else is_moved = move_in_registries(status == 'deferred' and 'deferred:' or 'scheduled:') end
if not is_moved then return 'away' end
redis.call('SADD', queues, rq .. 'queue:' .. to, rq .. 'queue:' .. target)
redis.call('HSET', job, 'origin', target)
redis.call('HDEL', job, 'turn') -- it counted in the other queue (tracking/turns)
return 'moved'
