-- Takes back jobs whose lease ran out: to the front of their queue, alone in a process next time; poisoned after so many rescues.
-- KEYS[1] leases (zset: job:execution → end, ms)
--   KEYS[2] limits (hash: kind → most)  KEYS[3] kinds (hash: function → kind)
-- ARGV[1] now_ms ('' = server time)  ARGV[2] at most so many  ARGV[3] rescues that poison a job  ARGV[4] prefix of RQ's keys
-- ARGV[5] worker whose leases are over at once ('' = none: only those that ran out)
-- ARGV[6..] where that worker stood still because of one of its jobs: leases of the jobs that were over their time. Only they spend a
--   rescue; the others are innocent as far as anybody knows. All of them run alone in a process next time.
-- Returns {rescued job, ..., } then {'poisoned', job, ...} as {{rescued}, {poisoned}}. A poisoned job keeps its lease, handed to us:
--   whoever called settles it as failed.
-- Nobody is woken: whoever rescued takes what it can first, so that a worker that stands still gets none, and wakes others then.
-- Expires nothing.
local now, rq, rescued, poisoned = clock_ms(ARGV[1]), ARGV[4], {}, {}
local over, late = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[2]), {}
for i = 6, #ARGV do late[ARGV[i]] = true end
-- By its name in the leases themselves: RQ's tools take out of the worker's set what they do not know yet.
local begins = ARGV[5] .. '-'
local function is_theirs(member)
  local execution = string.match(member, '[^:]*$')
  return ARGV[5] ~= '' and string.sub(execution, 1, #begins) == begins
    and string.match(string.sub(execution, #begins + 1), '^%a?%d+%-%d+$')
end
if ARGV[5] ~= '' then
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. string.format('%d', now), '+inf')) do
    if is_theirs(member) then over[#over + 1] = member end
  end
end
for _, member in ipairs(over) do
  local id, execution = string.match(member, '^(.-):?([^:]*)$')
  local job = rq .. 'job:' .. id
  local seen = redis.pcall('HMGET', job, 'origin', 'worker_name', 'status', 'kind', 'prefetched', 'suspect')
  local queue, worker = home(seen[1] or 'default', seen[4]), seen[2] or ''
  if redis.call('ZREM', KEYS[1], member) == 1 then
    redis.pcall('ZREM', rq .. 'wip:' .. queue, member)
    redis.pcall('DEL', rq .. 'execution:' .. member)
    redis.pcall('ZREM', rq .. 'executions:' .. id, execution)
    redis.pcall('SREM', rq .. 'worker:' .. worker .. ':executions', member)
    local began = seen[3] == 'started'
    local back = (began or (seen[3] == 'queued' and seen[5] == execution)) and redis.pcall('TYPE', rq .. 'queue:' .. queue).ok
    if back and back ~= 'list' and back ~= 'none' then -- the queue's key is broken: its jobs wait for its repair
      redis.call('ZADD', KEYS[1], now + 60000, member)
    elseif back then
      local innocent = #ARGV > 5 and is_theirs(member) and not late[member]
      innocent = innocent or (not began and seen[6] ~= '1') -- the second time it may be no chance
      local rescues = innocent and 0 or redis.pcall('HINCRBY', job, 'rescues', 1)
      if innocent then redis.pcall('HSET', job, 'suspect', '1') end -- it may have begun a moment ago: it runs alone next time
      if type(rescues) ~= 'number' or (rescues >= tonumber(ARGV[3]) and not innocent) then
        redis.call('ZADD', KEYS[1], now + 60000, member)
        poisoned[#poisoned + 1] = member
        poisoned[#poisoned + 1] = queue
      else
        redis.call('HSET', job, 'status', 'queued', 'worker_name', '')
        put_back(rq, id, queue, KEYS[2], KEYS[3])
        rescued[#rescued + 1] = id
      end
    end
  end
end
return {rescued, poisoned}
