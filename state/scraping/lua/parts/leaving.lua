-- The end of a turn at a host: the place is given back, the outcome counted.
-- Uses scraping/host_gate, scraping/next_in_line
-- Constants GATE_TTL_MS, HOSTS_MS, MOST_HOSTS, CALLED, HOUR_MS
-- `at`: gates (prefix), hosts (key), rate (what was set by hand), provider. `left`: sent_ago, hold (ms, nil = none), outcome, weight,
-- provider_weight ('' = says nothing). `ask.member` held the place. Returns 1 where it still did, the gate, and when it is free.
local function counted(key, outcome, hour)
  local field = string.format('%.0f:%s', hour, outcome)
  if redis.call('HINCRBY', key, field, 1) > 1 then return end
  for _, name in ipairs(redis.call('HKEYS', key)) do -- the first of its kind in this hour
    local of = tonumber(string.match(name, '^(%d+):'))
    if of and of < hour - 1 then redis.call('HDEL', key, name) end
  end
end
local function outcome_counts(at, gate, ask, left, wakeups)
  local now = ask.now
  if left.outcome ~= '' then counted(gate.key, left.outcome, math.floor(now / HOUR_MS)) end
  if left.sent_ago then
    gate.took = number(ms((gate.took > 0 and gate.took or left.sent_ago) * 0.8 + left.sent_ago * 0.2))
    redis.call('HSET', gate.key, 'took', ms(gate.took))
  end
  breaker_counts(gate.breaker, ask.member, left.weight, now)
  if at.provider ~= '' then
    local of_provider = breaker(at.gates .. 'provider:' .. at.provider)
    local closed = breaker_counts(of_provider, ask.member, left.provider_weight, now)
    redis.call('PEXPIRE', of_provider.key, ms(GATE_TTL_MS))
    if closed then call_next(line_of(of_provider.key, ask.tenant, 0, 0), now, now, 20, ask.rq, wakeups) end
  end
  local last = number(redis.call('ZSCORE', at.hosts, ask.host) or '')
  if last > now or last <= now - 1000 then -- to the second
    redis.call('ZADD', at.hosts, ms(now), ask.host)
    redis.call('ZREMRANGEBYSCORE', at.hosts, '-inf', ms(now - HOSTS_MS))
    redis.call('ZREMRANGEBYRANK', at.hosts, 0, -MOST_HOSTS - 1)
    redis.call('PEXPIRE', at.hosts, ms(HOSTS_MS))
  end
end
local function leave_gate(at, ask, left, wakeups)
  local now, key = ask.now, at.gates .. 'host:' .. ask.host
  local was_held = sorted('ZREM', key .. ':in_flight', ask.member)
  ask.is_alone = was_held == 1 -- it got that place when no other was left to it
  local gate = host_gate(at.gates, at.rate, ask)
  if left.sent_ago then
    gate.sent = math.max(gate.sent, now + 1 - math.floor(math.max(0, left.sent_ago)))
    redis.call('HSET', key, 'sent', ms(gate.sent))
  end
  if left.hold then
    gate.hold = math.max(gate.hold, now + left.hold)
    redis.call('HSET', key, 'hold', ms(gate.hold))
  end
  if was_held == 1 then outcome_counts(at, gate, ask, left, wakeups) end
  redis.call('PEXPIRE', key, ms(math.max(0, gate.hold - now) + GATE_TTL_MS))
  gate.breaker = breaker(key)
  local free_at, _, is_full = host_free(gate, ask)
  if not is_full then call_next(gate.line, free_at, now, CALLED, ask.rq, wakeups) end
  return was_held, gate
end
