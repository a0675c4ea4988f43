-- What a scope spent and holds in a month; reservations of the dead are let go, or charged as uncertain.
-- Uses store/clock, budgets/free
-- KEYS
--   month       (hash)
--   leases      (zset)
--   ledger      (stream)
-- ARGV
--   now_ms      '' = server time
--   keep_s      how long a month is kept
-- Returns {micro_usd spent, held, milli_credits spent, held, 80 % since (ms), 100 % since, closed at}. Expires: month and ledger
-- where something is charged.
free_ended(month, leases, ledger, clock_ms(now_ms), keep_s)
return redis.call('HMGET', month, 'spent:micro_usd', 'held:micro_usd', 'spent:milli_credits', 'held:milli_credits',
  'warned:80', 'warned:100', 'closed')
