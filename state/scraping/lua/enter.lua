-- Asks for a turn at a host: grants it, or names the moment when the holder may come again, and for what it waits.
-- Uses store/clock, scraping/host_gate, scraping/pauses
-- Constants PAUSE_MS, PROVIDER_APART_MS, LEAST_WAIT_MS, GATE_TTL_MS
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
local now, provider_key, tenant_key = ask.now, gates .. 'provider:' .. provider, gates .. 'tenant:' .. tenant
local set = redis.pcall('HMGET', rates, 'host:' .. host, 'tenant:' .. tenant)
local by_tenant, gate = rate_of(set[2]).windows, host_gate(gates, rate_of(set[1]), ask)
local function wait(line, free_at, full, what, scope, until_ms)
  local due = wait_in(line, holder, free_at, full, now)
  if not due then return nil end
  local come_ms, lasts_ms = math.max(LEAST_WAIT_MS, due - line.lead - now), math.max(0, (until_ms or 0) - now)
  return {'wait', ms(come_ms), ms(due - now), what, scope, ms(lasts_ms)}
end
local function of_pause()
  local scope, until_ms = pause_of(pauses, {gate.scope, 'project:' .. project, 'provider:' .. provider}, now)
  if not scope then return nil end
  local line = line_of(gates .. scope, tenant, gate.apart, 0, rq)
  return wait(line, until_ms > 0 and until_ms or now + PAUSE_MS, true, 'paused', scope, until_ms)
end
local function of_provider()
  if provider == '' then return nil end
  local opens = breaker(provider_key)
  local passes, is_probe = breaker_passes(opens, now)
  local line = line_of(provider_key, tenant, PROVIDER_APART_MS, 0, rq)
  local waits = wait(line, passes, passes > now, 'breaker', 'provider:' .. provider, passes)
  if not waits then leave_line(line, holder) end
  return waits, is_probe and opens
end
local function of_tenant()
  if not by_tenant then return nil end
  local free, apart = windows_free(tenant_key .. ':window', by_tenant, now)
  return wait(line_of(tenant_key, '', apart * 1.02, 0, rq), free, free > now, 'limit', 'tenant:' .. tenant)
end

local before = gate.taken[ask.member]
if before then return {'granted', ms(math.max(0, before - ask.lease - now))} end -- sent again
local waits, tried = of_pause(), nil
if not waits then waits, tried = of_provider() end
waits = waits or of_tenant()
if waits then return waits end
local free_at, what, is_full, is_probe = host_free(gate, ask)
waits = wait(gate.line, free_at, is_full, what, gate.scope, what ~= 'turn' and free_at or 0)
if waits then return waits end
leave_line(gate.line, holder, redis.call('ZSCORE', gate.line.order, holder))
if by_tenant then leave_line(line_of(tenant_key), holder) end
host_grants(gate, ask, free_at)
windows_count(tenant_key .. ':window', by_tenant, free_at)
if is_probe then breaker_probe(gate.breaker, ask.member, free_at + ask.lease) end
if tried then breaker_probe(tried, ask.member, free_at + ask.lease) end
for _, key in ipairs(tried and {gate.key, provider_key} or {gate.key}) do
  redis.call('PEXPIRE', key, ms(math.max(0, gate.hold - now) + GATE_TTL_MS))
end
return {'granted', ms(free_at - now)}
