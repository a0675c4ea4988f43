-- Writes down what became of a fetch of robots.txt.
-- Uses store/clock, scraping/gate_keys
-- Constants ROBOTS_FRESH_MS, ROBOTS_BACKOFF_MS, ROBOTS_MOST_BACKOFF_MS, ROBOTS_FREE_MS
-- KEYS
--   robots    of the origin (hash)
-- ARGV
--   now_ms    '' = server time
--   holder    who fetched
--   kind      rules, free, unreachable or nameless (its host has no address)
--   body      as it is kept
-- Returns {'rules', body}, {'free', ''}, or {'wait', ms until it may be tried again, 'unreachable', older body, failures in a row}:
--   after 30 days RFC 9309 (2.3.1.4) lets an unreachable one count as none. Expires: two days after it was read, 31 days after
--   the last try that failed.
local now = clock_ms(now_ms)
local f = hash_of(robots, 'fetching', 'since', 'failures', 'body')
if f[1] == holder then redis.call('HDEL', robots, 'fetching', 'fetching_until') end
if kind == 'nameless' then return {'wait', '0', 'unreachable', f[4] or '', ms(number(f[3]))} end
if kind ~= 'unreachable' then
  redis.call('HSET', robots, 'kind', kind, 'body', body, 'fresh_until', ms(now + ROBOTS_FRESH_MS))
  redis.call('HDEL', robots, 'since', 'failures', 'next')
  redis.call('PEXPIRE', robots, ms(2 * ROBOTS_FRESH_MS))
  return {kind, body}
end
local since = number(f[2])
if since == 0 or since > now then since = now end
if now - since >= ROBOTS_FREE_MS then
  redis.call('HSET', robots, 'kind', 'free', 'body', '', 'fresh_until', ms(now + ROBOTS_FRESH_MS))
  redis.call('PEXPIRE', robots, ms(ROBOTS_FREE_MS + ROBOTS_FRESH_MS))
  return {'free', ''}
end
local wait = math.min(ROBOTS_MOST_BACKOFF_MS, ROBOTS_BACKOFF_MS * 2 ^ math.min(20, number(f[3])))
redis.call('HSET', robots, 'kind', 'unreachable', 'since', ms(since), 'failures', ms(number(f[3]) + 1), 'next', ms(now + wait))
redis.call('PEXPIRE', robots, ms(ROBOTS_FREE_MS + ROBOTS_FRESH_MS))
return {'wait', ms(wait), 'unreachable', f[4] or '', ms(number(f[3]) + 1)}
