-- Wakes up to n idle workers: each waits for one entry of the list.
-- Constants MOST_WAKEUPS, WAKEUPS_TTL_S
local function wake(list, n)
  n = math.min(n, MOST_WAKEUPS - redis.call('LLEN', list))
  for _ = 1, n do redis.call('LPUSH', list, 1) end
  if n > 0 then redis.call('EXPIRE', list, WAKEUPS_TTL_S) end
end
