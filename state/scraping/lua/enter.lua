-- Asks for a turn at a host: grants it, or names the moment when the holder may come again, and for what it waits.
-- Uses store/clock, scraping/entering
-- KEYS
--   pauses          pauses (hash: scope → JSON with until_ms)
--   rates           what was set by hand (hash: scope → JSON)
-- ARGV
--   now_ms          '' = server time
--   gates           prefix of gates
--   rq              prefix of RQ's keys
--   host
--   tenant          '' = none
--   provider        '' = none
--   project         '' = none
--   holder          who asks: asks again, it gets the same moment
--   token           of this run of the holder: sent again, it gets the same grant
--   delay_ms        between two requests to the host
--   concurrency     requests at a time to the host
--   lease_ms        how long the place is held, unless it is left before
-- Returns {'granted', ms until the request may be sent} or {'wait', ms until the holder should come, ms until its moment, what
--   for, of which scope, for how many ms (0 = nobody knows)}. Expires: all keys of gates, some hours after their last use.
local ask = {rq = rq, now = clock_ms(now_ms), host = host, tenant = tenant, holder = holder, member = holder .. ' ' .. token,
  delay = tonumber(delay_ms), concurrency = tonumber(concurrency), lease = tonumber(lease_ms)}
local set = redis.pcall('HMGET', rates, 'host:' .. host, 'tenant:' .. tenant)
local at = {gates = gates, pauses = pauses, by_tenant = rate_of(set[2]).windows, provider = provider, project = project}
return enter_gate(at, ask, host_gate(gates, rate_of(set[1]), ask))
