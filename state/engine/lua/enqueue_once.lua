-- Queues a job that rq-scheduler's enqueue_at or enqueue_in left, once, when its time has come.
-- Uses store/clock, engine/wakeups
-- KEYS
--   entries     rq-scheduler's entries (zset: id → due, s)
--   job         the job (hash)
--   queue       its queue (list)
--   queues      rq:queues (set)
--   wakeups     wake-ups (list)
-- ARGV
--   now_ms      '' = server time
--   now         now as RQ writes it
--   id          the job's id
--   due_seen    its due time as it was seen (s)
-- Returns queued, dropped (the job is gone, or was cancelled) or moved (somebody else was here, or this is the second sending).
-- Expires: wake-ups.
local due, status = redis.call('ZSCORE', entries, id), redis.call('HGET', job, 'status')
if not due or tonumber(due) ~= tonumber(due_seen) or due * 1000 > clock_ms(now_ms) then return 'moved' end
redis.call('LLEN', queue) -- a key of another type ends this before the first write
redis.call('ZREM', entries, id)
if status ~= 'scheduled' then return 'dropped' end
redis.call('SADD', queues, queue)
redis.call('HSET', job, 'status', 'queued', 'enqueued_at', now)
redis.call('RPUSH', queue, id)
wake(wakeups, 1)
return 'queued'
