-- Finds jobs that say `started` and hold no lease; puts them at the front of their queue. The death is not counted against the job.
-- An execution that still goes on has lost its lease: its outcome is refused.
-- Uses repair/lease_members, engine/wakeups
-- KEYS
--   leases       job:execution → end (zset, ms)
--   wakeups      one entry for each worker to wake (list)
--   queues       queues that hold anything (set)
-- ARGV
--   repair       1 = repair, 0 = only look
--   rq_prefix    prefix of RQ's keys
--   job_ids...
-- Returns the ids that hold no lease. Expires: the wake-ups.
local function drop_executions(id, origin, worker)
  for _, member in ipairs(redis.pcall('ZRANGE', rq_prefix .. 'wip:' .. origin, 0, -1)) do
    if job_of(member) == id then
      redis.pcall('ZREM', rq_prefix .. 'wip:' .. origin, member)
      redis.pcall('SREM', rq_prefix .. 'worker:' .. worker .. ':executions', member)
      redis.call('DEL', rq_prefix .. 'execution:' .. member)
    end
  end
  redis.call('DEL', rq_prefix .. 'executions:' .. id)
end
local is_leased, found = leased_jobs(leases), {}
for i = job_ids_at, #ARGV do
  local id = ARGV[i]
  local record = redis.pcall('HMGET', rq_prefix .. 'job:' .. id, 'status', 'origin', 'worker_name')
  local status, origin, worker = record[1], record[2], record[3] or ''
  local list = rq_prefix .. 'queue:' .. (origin or '')
  local kind = redis.call('TYPE', list).ok
  if status == 'started' and origin and not is_leased[id] and (kind == 'list' or kind == 'none') then
    found[#found + 1] = id
    if repair == '1' then
      drop_executions(id, origin, worker)
      redis.call('HSET', rq_prefix .. 'job:' .. id, 'status', 'queued', 'worker_name', '')
      redis.call('LPUSH', list, id)
      redis.call('SADD', queues, list)
    end
  end
end
if repair == '1' then wake(wakeups, #found) end
return found
