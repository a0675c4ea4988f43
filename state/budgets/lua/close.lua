-- Closes a month of a scope: its sums stand in its ledger, once.
-- Uses store/clock, budgets/free
-- KEYS
--   month       what the scope spent and holds (hash)
--   leases      of the same month (zset)
--   ledger      of the same month (stream)
-- ARGV
--   now_ms      '' = server time
--   keep_s
-- Returns 1; 0 where it was closed before, or nothing happened in it. Expires: month and ledger.
if redis.call('EXISTS', month) == 0 then return 0 end
free_ended(month, leases, ledger, clock_ms(now_ms), keep_s)
local now = string.format('%.0f', clock_ms(now_ms))
if redis.call('HSETNX', month, 'closed', now) == 0 then return 0 end
local sums = redis.call('HMGET', month, 'spent:micro_usd', 'spent:milli_credits')
redis.call('XADD', ledger, '*', 'kind', 'close', 'at_ms', now,
  'micro_usd', sums[1] or '0', 'milli_credits', sums[2] or '0')
redis.call('EXPIRE', month, keep_s)
redis.call('EXPIRE', ledger, keep_s)
return 1
