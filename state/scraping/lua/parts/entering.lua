-- A turn at a host is asked for.
-- Uses scraping/host_gate, scraping/pauses
-- Constants PAUSE_MS, PROVIDER_APART_MS, LEAST_WAIT_MS, GATE_TTL_MS
-- `at`: gates (prefix), pauses (key), by_tenant (windows), provider, project ('' = none). `gate`: as it is now.
local function waits_in(line, ask, free_at, full, what, scope, until_ms)
  local due = wait_in(line, ask.holder, free_at, full, ask.now)
  if not due then return nil end
  local come_ms, lasts_ms = math.max(LEAST_WAIT_MS, due - line.lead - ask.now), math.max(0, (until_ms or 0) - ask.now)
  return {'wait', ms(come_ms), ms(due - ask.now), what, scope, ms(lasts_ms)}
end
local function of_pause(at, ask, gate)
  local scope, until_ms = pause_of(at.pauses, {gate.scope, 'project:' .. at.project, 'provider:' .. at.provider}, ask.now)
  if not scope then return nil end
  local line = line_of(at.gates .. scope, ask.tenant, gate.apart, 0, ask.rq)
  return waits_in(line, ask, until_ms > 0 and until_ms or ask.now + PAUSE_MS, true, 'paused', scope, until_ms)
end
local function of_provider(at, ask)
  if at.provider == '' then return nil end
  local key = at.gates .. 'provider:' .. at.provider
  local opens = breaker(key)
  local passes, is_probe = breaker_passes(opens, ask.now)
  local line = line_of(key, ask.tenant, PROVIDER_APART_MS, 0, ask.rq)
  local waits = waits_in(line, ask, passes, passes > ask.now, 'breaker', 'provider:' .. at.provider, passes)
  if not waits then leave_line(line, ask.holder) end
  return waits, is_probe and opens
end
local function of_tenant(at, ask, key)
  if not at.by_tenant then return nil end
  local free, apart = windows_free(key .. ':window', at.by_tenant, ask.now)
  return waits_in(line_of(key, '', apart * 1.02, 0, ask.rq), ask, free, free > ask.now, 'limit', 'tenant:' .. ask.tenant)
end
local function enter_gate(at, ask, gate)
  local now, before, tenant_key = ask.now, place_until(gate.places, ask.member), at.gates .. 'tenant:' .. ask.tenant
  if before then return {'granted', ms(math.max(0, before - ask.lease - now))} end -- sent again
  local waits, tried = of_pause(at, ask, gate), nil
  if not waits then waits, tried = of_provider(at, ask) end
  waits = waits or of_tenant(at, ask, tenant_key)
  if waits then return waits end
  local free_at, what, is_full, is_probe = host_free(gate, ask)
  waits = waits_in(gate.line, ask, free_at, is_full, what, gate.scope, what ~= 'turn' and free_at or 0)
  if waits then return waits end
  leave_line(gate.line, ask.holder, redis.call('ZSCORE', gate.line.order, ask.holder))
  if at.by_tenant then leave_line(line_of(tenant_key), ask.holder) end
  host_grants(gate, ask, free_at)
  windows_count(tenant_key .. ':window', at.by_tenant, free_at)
  if is_probe then breaker_probe(gate.breaker, ask.member, free_at + ask.lease) end
  if tried then breaker_probe(tried, ask.member, free_at + ask.lease) end
  for _, key in ipairs(tried and {gate.key, tried.key} or {gate.key}) do
    redis.call('PEXPIRE', key, ms(math.max(0, gate.hold - now) + GATE_TTL_MS))
  end
  return {'granted', ms(free_at - now)}
end
