-- Ends a turn at a host: gives the place back, counts the outcome, and calls who waits next.
-- Uses store/clock, scraping/host_gate, scraping/next_in_line
-- Constants GATE_TTL_MS, HOSTS_MS, MOST_HOSTS, CALLED, HOUR_MS
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
local now, key = ask.now, gates .. 'host:' .. host
local was_held = sorted('ZREM', key .. ':in_flight', ask.member)
local gate = host_gate(gates, rate_of(redis.pcall('HGET', rates, 'host:' .. host)), ask)
if sent_ago_ms ~= '' then
  gate.sent = math.max(gate.sent, now + 1 - math.floor(math.max(0, tonumber(sent_ago_ms))))
  redis.call('HSET', key, 'sent', ms(gate.sent))
end
if hold_ms ~= '' then
  gate.hold = math.max(gate.hold, now + tonumber(hold_ms))
  redis.call('HSET', key, 'hold', ms(gate.hold))
end
local function count(hour)
  local field = string.format('%.0f:%s', hour, outcome)
  if redis.call('HINCRBY', key, field, 1) > 1 then return end
  for _, name in ipairs(redis.call('HKEYS', key)) do -- the first of its kind in this hour
    local of = tonumber(string.match(name, '^(%d+):'))
    if of and of < hour - 1 then redis.call('HDEL', key, name) end
  end
end
if was_held == 1 then
  if outcome ~= '' then count(math.floor(now / HOUR_MS)) end
  if sent_ago_ms ~= '' then
    local before = gate.took > 0 and gate.took or tonumber(sent_ago_ms)
    redis.call('HSET', key, 'took', ms(before * 0.8 + tonumber(sent_ago_ms) * 0.2))
  end
  breaker_counts(gate.breaker, ask.member, weight, now)
  if provider ~= '' then
    local of_provider = breaker(gates .. 'provider:' .. provider)
    local closed = breaker_counts(of_provider, ask.member, provider_weight, now)
    redis.call('PEXPIRE', of_provider.key, ms(GATE_TTL_MS))
    if closed then call_next(line_of(of_provider.key, tenant, 0, 0), now, now, 20, rq, wakeups) end
  end
  local last = number(redis.call('ZSCORE', hosts, host) or '')
  if last > now or last <= now - 1000 then -- to the second
    redis.call('ZADD', hosts, ms(now), host)
    redis.call('ZREMRANGEBYSCORE', hosts, '-inf', ms(now - HOSTS_MS))
    redis.call('ZREMRANGEBYRANK', hosts, 0, -MOST_HOSTS - 1)
    redis.call('PEXPIRE', hosts, ms(HOSTS_MS))
  end
end
redis.call('PEXPIRE', key, ms(math.max(0, gate.hold - now) + GATE_TTL_MS))
gate.breaker = breaker(key)
local free_at, _, is_full = host_free(gate, ask)
if not is_full then call_next(gate.line, free_at, now, CALLED, rq, wakeups) end
return was_held
