-- Takes back jobs whose lease ran out: to the front of their queue, alone in a process next time; poisoned after so many rescues.
-- Uses store/clock, engine/execution_record, engine/blocked_lists, engine/job_row, engine/counted_changes, engine/attempts
-- Constants RESCUE_LEASE_MS
-- KEYS
--   leases         leases (zset: job:execution → end, ms)
--   limits         limits (hash: kind → most)
--   kinds          kinds (hash: function → kind)
--   events         changes of jobs (stream)
-- ARGV
--   now_ms         '' = server time
--   at_most        so many leases that ran out
--   poison         so many rescues poison a job
--   rq             prefix of RQ's keys
--   hours          prefix of the counts of an hour
--   dead_worker    its leases are over at once ('' = only leases that ran out)
--   late...        that worker stood still because of a job: leases of its jobs that were over their time. Only they spend a rescue;
--                  the others are innocent as far as anybody knows. All of them run alone in a process next time
-- Returns {{rescued job, ...}, {lease, queue, ... of the poisoned jobs}}. A poisoned job keeps its lease for a minute, handed to the
--   caller, who settles it as failed.
-- Nobody is woken: the rescuer first takes what it can, so that a worker that stands still gets none, and then wakes others.
-- Expires nothing.
local now, rescued, poisoned, changes, is_late, any_late = clock_ms(now_ms), {}, {}, {}, {}, late_at <= #ARGV
for i = late_at, #ARGV do is_late[ARGV[i]] = true end
-- By the worker's name in the leases: RQ's tools remove from the worker's set what they do not know yet.
local begins = dead_worker .. '-'
local function is_theirs(lease)
  local execution = string.match(lease, '[^:]*$')
  return dead_worker ~= '' and string.sub(execution, 1, #begins) == begins
    and string.match(string.sub(execution, #begins + 1), '^%a?%d+%-%d+$')
end
local function ended_leases()
  local found = redis.call('ZRANGEBYSCORE', leases, '-inf', now, 'LIMIT', 0, at_most)
  local others = dead_worker ~= '' and redis.call('ZRANGEBYSCORE', leases, '(' .. string.format('%d', now), '+inf') or {}
  for _, lease in ipairs(others) do
    if is_theirs(lease) then found[#found + 1] = lease end
  end
  return found
end
local function remove_records(lease, job)
  redis.pcall('ZREM', rq .. 'wip:' .. job.queue, lease)
  redis.pcall('DEL', rq .. 'execution:' .. lease)
  redis.pcall('ZREM', rq .. 'executions:' .. job.id, job.execution)
  redis.pcall('SREM', rq .. 'worker:' .. job.worker .. ':executions', lease)
end
-- Counts a rescue of the job; returns whether it is poisoned.
local function count_rescue(lease, job, began)
  local innocent = any_late and is_theirs(lease) and not is_late[lease]
  innocent = innocent or (not began and job.suspect ~= '1') -- the second time it may be no chance
  if innocent then -- it may have begun a moment ago: it runs alone next time
    redis.pcall('HSET', job.key, 'suspect', '1')
    return false
  end
  local rescues = redis.pcall('HINCRBY', job.key, 'rescues', 1)
  return type(rescues) ~= 'number' or rescues >= tonumber(poison)
end
for _, lease in ipairs(ended_leases()) do
  local id, execution = parts_of(lease)
  local key = rq .. 'job:' .. id
  local seen = redis.pcall('HMGET', key, 'origin', 'worker_name', 'status', 'kind', 'prefetched', 'suspect', 'started_at')
  local job = {id = id, execution = execution, key = key, queue = home(seen[1] or 'default', seen[4]), worker = seen[2] or '',
    suspect = seen[6], started_at = seen[7] or ''}
  local began, was_prefetched = seen[3] == 'started', seen[3] == 'queued' and seen[5] == execution
  if redis.call('ZREM', leases, lease) == 1 then
    remove_records(lease, job)
    keep_crash(job, began, now)
    local queue_type = (began or was_prefetched) and redis.pcall('TYPE', rq .. 'queue:' .. job.queue).ok
    if queue_type and queue_type ~= 'list' and queue_type ~= 'none' then -- the queue's key is broken: its jobs wait for its repair
      redis.call('ZADD', leases, now + RESCUE_LEASE_MS, lease)
    elseif queue_type and count_rescue(lease, job, began) then
      redis.call('ZADD', leases, now + RESCUE_LEASE_MS, lease)
      changes[#changes + 1] = row_of_record(key, id, 'poisoned', kinds)
      poisoned[#poisoned + 1] = lease
      poisoned[#poisoned + 1] = job.queue
    elseif queue_type then
      redis.call('HSET', key, 'status', 'queued', 'worker_name', '')
      put_back(rq, id, job.queue, limits, kinds)
      changes[#changes + 1] = row_of_record(key, id, 'rescued', kinds)
      rescued[#rescued + 1] = id
    end
  end
end
tell_change(events, hours, now, table.concat(changes))
return {rescued, poisoned}
