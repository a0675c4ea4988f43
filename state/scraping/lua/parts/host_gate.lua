-- The gate of a host: what was sent there, what is in flight, and when the next request may go.
-- Uses scraping/gate_keys, scraping/breaker, scraping/rates, scraping/line, scraping/places
-- Constants AHEAD_MS, LEAD_MS, SLACK_PERCENT, LEAST_SLACK_MS
-- `ask`: rq (prefix of RQ's keys), now, host, tenant, holder, member, delay, concurrency, lease (all ms); `is_alone`: no earlier run
--   of the holder can have a place.
-- How far apart two requests are (ms). Who is in flight may have sent a little late.
local function apart_ms(delay, is_overlap)
  if delay == 0 or not is_overlap then return delay end
  return delay + math.max(LEAST_SLACK_MS, math.ceil(delay * SLACK_PERCENT / 100))
end
-- How far apart those who wait are called, and how long before their moment.
local function host_pace(g, ask)
  g.apart = math.max(g.delay, g.took / g.most, g.windows_apart, 1) * 1.02
  g.lead = g.most > 1 and LEAD_MS or math.max(5, math.min(LEAD_MS, (g.apart - g.took) / 2))
  g.line = line_of(g.key, ask.tenant, g.apart, g.lead, ask.rq)
end
local function host_gate(gates, set, ask)
  local g = {key = gates .. 'host:' .. ask.host, scope = 'host:' .. ask.host, windows = set.windows}
  local f = hash_of(g.key, 'sent', 'hold', 'took')
  g.sent, g.hold, g.took = number(f[1]), number(f[2]), number(f[3])
  g.delay = math.max(ask.delay, number(set.delay_ms))
  if g.sent > ask.now + 2 * g.delay + AHEAD_MS then g.sent = ask.now end -- the clock went back
  g.most = number(set.concurrency) > 0 and number(set.concurrency) or ask.concurrency
  local was_lost
  g.places = g.key .. ':in_flight'
  g.in_flight, was_lost = places_taken(g.places, not ask.is_alone and ask.holder, ask.member, ask.now)
  if was_lost then g.sent = math.max(g.sent, ask.now) end -- its request may have gone out this moment
  g.windows_free, g.windows_apart = windows_free(g.key .. ':window', g.windows, ask.now)
  host_pace(g, ask)
  g.breaker = breaker(g.key)
  return g
end
-- When the next request may go (ms, `now` at least), and what it waits for until then.
local function host_free(g, ask)
  local passes, is_probe = breaker_passes(g.breaker, ask.now)
  local full_until = g.in_flight >= g.most and place_free(g.places, ask.lease, g.took, ask.now) or 0
  local times = {passes, g.hold, g.windows_free, g.sent + apart_ms(g.delay, g.in_flight > 0), full_until}
  local free_at, what = ask.now, 'turn'
  for i, word in ipairs({'breaker', 'hold', 'limit', 'turn', 'turn'}) do
    if times[i] > free_at then free_at, what = times[i], word end
  end
  return free_at, what, full_until > 0, is_probe
end
-- Writes down that a request goes at that time.
local function host_grants(g, ask, at)
  redis.call('ZADD', g.places, ms(at + ask.lease), ask.member)
  redis.call('PEXPIRE', g.places, ms(MOST_LEASE_MS * 2))
  redis.call('HSET', g.key, 'sent', ms(at), 'delay', g.delay, 'concurrency', g.most)
  windows_count(g.key .. ':window', g.windows, at)
end
