-- Ends a turn at a host: gives the place back, counts the outcome, and calls who waits next.
-- Uses store/clock, scraping/leaving
-- KEYS
--   hosts            hosts (zset: host → last leave, ms)
--   rates            what was set by hand (hash: scope → JSON)
--   wakeups          wake-ups (list)
-- ARGV
--   now_ms           '' = server time
--   gates            prefix of gates
--   rq               prefix of RQ's keys
--   host
--   tenant
--   provider         '' = none
--   holder
--   token            of the grant
--   delay_ms         between two requests to the host
--   concurrency      requests at a time to the host
--   lease_ms
--   sent_ago_ms      how long ago the request was sent ('' = none was)
--   hold_ms          the host asked for a pause that long ('' = it did not)
--   outcome          counted for the hour ('' = none)
--   weight           for the host's breaker: 0 good, 1 half a failure, 2 a failure ('' = says nothing of the host)
--   provider_weight  the same for the provider's
-- Returns 1 where the holder still had its place; 0 = it was given back before, and nothing but the sending is written down.
--   Expires: all keys of gates, some hours after their last use; hosts after two hours.
local ask = {rq = rq, now = clock_ms(now_ms), host = host, tenant = tenant, member = holder .. ' ' .. token,
  delay = tonumber(delay_ms), concurrency = tonumber(concurrency), lease = tonumber(lease_ms)}
local at = {gates = gates, hosts = hosts, rate = rate_of(redis.pcall('HGET', rates, 'host:' .. host)), provider = provider}
local left = {sent_ago = tonumber(sent_ago_ms), hold = tonumber(hold_ms), outcome = outcome, weight = weight,
  provider_weight = provider_weight}
return (leave_gate(at, ask, left, wakeups))
