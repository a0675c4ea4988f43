-- What is known of an origin's robots.txt. Where it is to be fetched, one holder is told so; the others get a moment.
-- Uses store/clock, scraping/line
-- Constants ROBOTS_RETRY_MS
-- KEYS
--   robots      of the origin (hash)
-- ARGV
--   now_ms      '' = server time
--   holder      who asks
--   apart_ms    those who wait come so far apart
--   fetch_ms    how long the one who fetches may take
-- Returns {'rules', body}, {'free'}, {'fetch'} or {'wait', ms until the holder should come, 'fetching' or 'unreachable', body
--   or '' (an older one, which counts until then), failures in a row}. Expires: what is known, see keep_robots; the line of those who wait.
local now, f = clock_ms(now_ms), hash_of(robots, 'kind', 'fresh_until', 'fetching', 'fetching_until', 'next', 'body', 'failures')
local line, kind, body = line_of(robots, '', tonumber(apart_ms) * 1.02, 0), f[1] or '', f[6] or ''
if (kind == 'rules' or kind == 'free') and number(f[2]) > now then
  leave_line(line, holder)
  return {kind, body}
end
local fetching = f[3] and f[3] ~= holder and number(f[4]) > now and number(f[4]) <= now + fetch_ms
local retry_at = number(f[5])
if fetching or retry_at > now then
  local free_at = fetching and now + ROBOTS_RETRY_MS or retry_at
  local due = wait_in(line, holder, free_at, true, now)
  return {'wait', ms(due - now), fetching and 'fetching' or 'unreachable', body, ms(number(f[7]))}
end
leave_line(line, holder)
redis.call('HSET', robots, 'fetching', holder, 'fetching_until', ms(now + fetch_ms))
if redis.call('PTTL', robots) < tonumber(fetch_ms) then redis.call('PEXPIRE', robots, ms(fetch_ms * 2)) end
return {'fetch'}
