-- Ends a turn at a host and asks for the holder's next one there: as leave and then enter, with one look at the gate.
-- Uses store/clock, scraping/leaving, scraping/entering
-- KEYS
--   pauses           pauses (hash: scope → JSON with until_ms)
--   hosts            hosts (zset: host → last leave, ms)
--   rates            what was set by hand (hash: scope → JSON)
--   wakeups          wake-ups (list)
-- ARGV
--   now_ms           '' = server time
--   gates            prefix of gates
--   rq               prefix of RQ's keys
--   host
--   tenant           '' = none
--   provider         '' = none
--   project          '' = none
--   holder
--   token            of the grant that ends
--   next_token       of the turn that is asked for: sent again, it gets the same grant
--   delay_ms         between two requests to the host
--   concurrency      requests at a time to the host
--   lease_ms         how long a place is held, unless it is left before
--   sent_ago_ms      how long ago the request was sent ('' = none was)
--   hold_ms          the host asked for a pause that long ('' = it did not)
--   outcome          counted for the hour ('' = none)
--   weight           for the host's breaker: 0 good, 1 half a failure, 2 a failure ('' = says nothing of the host)
--   provider_weight  the same for the provider's
-- Returns what enter returns. Expires: all keys of gates, some hours after their last use; hosts after two hours.
local ask = {rq = rq, now = clock_ms(now_ms), host = host, tenant = tenant, holder = holder, member = holder .. ' ' .. token,
  delay = tonumber(delay_ms), concurrency = tonumber(concurrency), lease = tonumber(lease_ms)}
local set = redis.pcall('HMGET', rates, 'host:' .. host, 'tenant:' .. tenant)
local at = {gates = gates, hosts = hosts, rate = rate_of(set[1]), provider = provider, pauses = pauses, project = project,
  by_tenant = rate_of(set[2]).windows}
local left = {sent_ago = tonumber(sent_ago_ms), hold = tonumber(hold_ms), outcome = outcome, weight = weight,
  provider_weight = provider_weight}
local _, gate = leave_gate(at, ask, left, wakeups)
host_pace(gate, ask) -- as it is by now
ask.member = holder .. ' ' .. next_token
return enter_gate(at, ask, gate)
