-- Sets or removes a concurrency limit: how many jobs of a kind run at a time, over all workers.
-- Uses engine/kinds, engine/execution_record, engine/wakeups
-- KEYS
--   limits      limits (hash: kind → most)
--   kinds       kinds (hash: function → kind)
--   leases      leases (zset: job:execution → end, ms)
--   runs        runs of the kind (zset: job:execution)
--   wakeups     wake-ups (list)
-- ARGV
--   kind        the kind
--   most        '' = no limit: the entry goes when no job of the kind is blocked any more (lease)
--   jobs        prefix of jobs
-- Returns running jobs whose kind is unresolved: resolve them, then call this again to count them. Expires: wake-ups.
local unresolved, held = {}, redis.call('ZRANGE', leases, 0, -1, 'WITHSCORES')
for i = 1, #held, 2 do
  local lease, lease_end = held[i], held[i + 1]
  local id = parts_of(lease)
  local seen = redis.pcall('HMGET', jobs .. id, 'data', 'function')
  local found = seen[1] and kind_of(seen[1], seen[2], kinds)
  if found == kind then redis.call('ZADD', runs, lease_end, lease) end
  if found == nil then unresolved[#unresolved + 1] = id end
end
redis.call('HSET', limits, kind, most)
wake(wakeups, MOST_WAKEUPS)
return unresolved
