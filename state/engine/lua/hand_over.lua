-- Puts a job that rq-scheduler's enqueue_at or enqueue_in left into its queue, once, when its time has come.
-- KEYS[1] rq-scheduler's entries (zset: id → due, s)  KEYS[2] the job (hash)  KEYS[3] its queue (list)  KEYS[4] rq:queues (set)
-- KEYS[5] wake-ups (list)
-- ARGV[1] now_ms ('' = server time)  ARGV[2] now as RQ writes it  ARGV[3] job  ARGV[4] due time seen (s)
-- Returns queued, dropped (the job is gone, or was cancelled) or moved (somebody else was here; also when this is the second sending).
local due, status = redis.call('ZSCORE', KEYS[1], ARGV[3]), redis.call('HGET', KEYS[2], 'status')
if not due or tonumber(due) ~= tonumber(ARGV[4]) or due * 1000 > clock_ms(ARGV[1]) then return 'moved' end
redis.call('LLEN', KEYS[3])
redis.call('ZREM', KEYS[1], ARGV[3])
if status ~= 'scheduled' then return 'dropped' end
redis.call('SADD', KEYS[4], KEYS[3])
redis.call('HSET', KEYS[2], 'status', 'queued', 'enqueued_at', ARGV[2])
redis.call('RPUSH', KEYS[3], ARGV[3])
wake(KEYS[5], 1)
return 'queued'
