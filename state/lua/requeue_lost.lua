-- Puts the job that a dead worker was running back at the front of its queue, and forgets the worker.
-- KEYS[1] worker (hash)  KEYS[2] all workers (set)  KEYS[3..] workers of each queue (sets)
-- ARGV[1] job id ('' = none)  ARGV[2] worker name  ARGV[3] prefix of jobs  ARGV[4] of queues  ARGV[5] of started registries
-- Returns 1 when a job was put back, else 0.
for i = 2, #KEYS do redis.call('SREM', KEYS[i], KEYS[1]) end
redis.call('DEL', KEYS[1])
if ARGV[1] == '' then return 0 end
local key = ARGV[3] .. ARGV[1]
local job = redis.call('HMGET', key, 'status', 'worker_name', 'origin')
if job[1] ~= 'started' or job[2] ~= ARGV[2] then return 0 end
for _, entry in ipairs(redis.call('ZRANGE', ARGV[5] .. job[3], 0, -1)) do
  if string.sub(entry, 1, #ARGV[1] + 1) == ARGV[1] .. ':' then redis.call('ZREM', ARGV[5] .. job[3], entry) end
end
redis.call('LREM', ARGV[4] .. job[3] .. ':intermediate', 0, ARGV[1])
redis.call('HSET', key, 'status', 'queued', 'worker_name', '')
redis.call('LPUSH', ARGV[4] .. job[3], ARGV[1])
return 1
