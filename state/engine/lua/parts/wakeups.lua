-- Wakes up to n idle workers: each of them waits for one entry of the list.
local function wake(list, n)
  n = math.min(n, 64 - redis.call('LLEN', list))
  for _ = 1, n do redis.call('LPUSH', list, 1) end
  if n > 0 then redis.call('EXPIRE', list, 60) end
end
