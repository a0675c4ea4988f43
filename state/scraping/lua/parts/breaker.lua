-- A circuit breaker: the last outcomes of a host or provider decide whether requests go there.
-- Closed: `seen` holds a digit for each of the last outcomes (0 good, 1 half a failure, 2 a failure). Open: nothing passes before
-- `open_until`. Half open, from then on: one request passes, the probe; its outcome closes or opens. A probe whose lease ends
-- without one lets the next pass.
-- Uses scraping/gate_keys
-- Constants BREAKER_OUTCOMES, BREAKER_VOLUME, BREAKER_MS, BREAKER_MOST_MS, BREAKER_FORGETS_MS
local function breaker(key)
  local f = hash_of(key, 'seen', 'seen_at', 'open_until', 'openings', 'probe', 'probe_until', 'closed_at')
  return {key = key, seen = f[1] or '', seen_at = number(f[2]), open_until = number(f[3]), openings = number(f[4]),
    probe = f[5] or '', probe_until = number(f[6]), closed_at = number(f[7])}
end
-- From when on a request may pass (ms, 0 = now), and whether that request would be the probe.
local function breaker_passes(b, now)
  if b.open_until == 0 then return 0, false end
  if b.open_until > now + BREAKER_MOST_MS then b.open_until = now + BREAKER_MOST_MS end -- the clock went back
  if b.probe ~= '' and b.probe_until > now then return math.min(b.probe_until, now + BREAKER_MOST_MS), false end
  return b.open_until, true
end
local function breaker_probe(b, member, until_ms)
  redis.call('HSET', b.key, 'probe', member, 'probe_until', ms(until_ms))
end
local function open_breaker(b, now)
  local lasts = math.min(BREAKER_MOST_MS, BREAKER_MS * 2 ^ math.min(b.openings, 20))
  redis.call('HSET', b.key, 'open_until', ms(now + lasts), 'openings', b.openings + 1, 'seen', '')
  redis.call('HDEL', b.key, 'probe', 'probe_until')
end
-- Counts an outcome; its weight is '' where it says nothing. Returns whether the breaker closed.
local function breaker_counts(b, member, weight, now)
  if weight == '' then
    if b.probe == member then redis.call('HDEL', b.key, 'probe', 'probe_until') end
    return false
  end
  weight = tonumber(weight)
  if b.open_until > 0 then
    if b.probe ~= member then return false end -- sent before it opened: that says nothing new
    if weight > 0 then return open_breaker(b, now) or false end
    redis.call('HDEL', b.key, 'open_until', 'probe', 'probe_until', 'seen')
    redis.call('HSET', b.key, 'closed_at', ms(now))
    return true
  end
  local recent = b.seen_at > now - BREAKER_FORGETS_MS and b.seen_at <= now + BREAKER_FORGETS_MS
  local seen = string.sub((recent and b.seen or '') .. weight, -BREAKER_OUTCOMES)
  local failures = select(2, string.gsub(seen, '1', '')) + 2 * select(2, string.gsub(seen, '2', ''))
  redis.call('HSET', b.key, 'seen', seen, 'seen_at', ms(now))
  if #seen >= BREAKER_VOLUME and failures >= #seen and weight > 0 then
    local lately = b.closed_at > 0 and now - b.closed_at < BREAKER_FORGETS_MS
    if not lately then b.openings = 0 end
    open_breaker(b, now)
  end
  return false
end
