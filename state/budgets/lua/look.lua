-- What a scope spent and holds in a month; reservations of the dead are let go.
-- Uses store/clock, budgets/free
-- KEYS
--   month       (hash)
--   leases      (zset)
-- ARGV
--   now_ms      '' = server time
-- Returns {micro_usd spent, held, milli_credits spent, held, 80 % since (ms), 100 % since, closed at}. Expires nothing.
free_ended(month, leases, clock_ms(now_ms))
return redis.call('HMGET', month, 'spent:micro_usd', 'held:micro_usd', 'spent:milli_credits', 'held:milli_credits',
  'warned:80', 'warned:100', 'closed')
