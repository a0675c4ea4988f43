-- Finds jobs that say they run and hold no lease; puts them at the front of their queue. Their death is not counted against them.
-- KEYS[1] leases (zset: job:execution → end, ms)  KEYS[2] wake-ups (list)  KEYS[3] queues that hold anything (set)
-- ARGV[1] 1 = repair, 0 = only look  ARGV[2] prefix of RQ's keys; then job ids
-- Returns those ids. A run that still goes on has lost its lease: its outcome is refused. Expires: wake-ups.
local rq, held, found = ARGV[2], {}, {}
for _, member in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do held[string.match(member, '^(.-):?[^:]*$')] = true end
for i = 3, #ARGV do
  local id = ARGV[i]
  local seen = redis.pcall('HMGET', rq .. 'job:' .. id, 'status', 'origin', 'worker_name')
  local list = rq .. 'queue:' .. (seen[2] or '')
  local kind = redis.call('TYPE', list).ok
  if seen[1] == 'started' and seen[2] and not held[id] and (kind == 'list' or kind == 'none') then
    found[#found + 1] = id
    if ARGV[1] == '1' then
      for _, member in ipairs(redis.pcall('ZRANGE', rq .. 'wip:' .. seen[2], 0, -1)) do
        if string.match(member, '^(.-):?[^:]*$') == id then
          redis.pcall('ZREM', rq .. 'wip:' .. seen[2], member)
          redis.pcall('SREM', rq .. 'worker:' .. (seen[3] or '') .. ':executions', member)
          redis.call('DEL', rq .. 'execution:' .. member)
        end
      end
      redis.call('DEL', rq .. 'executions:' .. id)
      redis.call('HSET', rq .. 'job:' .. id, 'status', 'queued', 'worker_name', '')
      redis.call('LPUSH', list, id)
      redis.call('SADD', KEYS[3], list)
    end
  end
end
if ARGV[1] == '1' then wake(KEYS[2], #found) end
return found
