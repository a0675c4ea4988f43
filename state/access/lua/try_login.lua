-- Counts a try to log in, unless one of its scopes (account, address) must wait: then nothing is counted.
-- Uses store/clock
-- Constants LOGIN_WAIT_MS, LOGIN_FORGETS_S
-- KEYS
--   throttles...  one a scope (hash: tries, until)
-- ARGV
--   now_ms        '' = server time
--   free...       tries without a wait, one a scope; after each further one it is twice as long, from a second on
-- Returns ms to wait; 0 = it was counted. Expires: the scopes.
local now, wait = clock_ms(now_ms), 0
for i = throttles_at, #KEYS do
  local until_ms = tonumber(redis.call('HGET', KEYS[i], 'until') or 0) or 0
  wait = math.max(wait, math.min(until_ms - now, LOGIN_WAIT_MS))
end
if wait > 0 then return math.ceil(wait) end
for i = throttles_at, #KEYS do
  local key, most = KEYS[i], tonumber(ARGV[free_at + i - throttles_at])
  local tries = redis.call('HINCRBY', key, 'tries', 1)
  if tries >= most then
    local pause = math.min(LOGIN_WAIT_MS, 1000 * 2 ^ math.min(tries - most, 20))
    redis.call('HSET', key, 'until', string.format('%d', now + pause))
  end
  redis.call('EXPIRE', key, LOGIN_FORGETS_S)
end
return 0
