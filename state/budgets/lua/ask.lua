-- Notes that the step of a reservation is about to be asked for: from now on it may have cost something. Safe to send twice.
-- Uses store/clock
-- KEYS
--   budgets...  of each scope: its month (hash), its leases (zset)
-- ARGV
--   now_ms      '' = server time
--   id          of the reservation
--   asked       for what: purpose, a line feed, key
-- Returns 1; 0 where its lease is over in one of them: nothing may be asked for. Expires nothing.
local now = clock_ms(now_ms)
for i = budgets_at, #KEYS, 2 do
  local ends = redis.call('ZSCORE', KEYS[i + 1], id)
  if not ends or tonumber(ends) <= now then return 0 end
end
for i = budgets_at, #KEYS, 2 do
  local usd, credits = string.match(redis.call('HGET', KEYS[i], 'r:' .. id), '^(%d+) (%d+)')
  redis.call('HSET', KEYS[i], 'r:' .. id, usd .. ' ' .. credits .. ' ' .. asked)
end
return 1
