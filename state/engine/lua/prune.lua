-- Takes jobs whose record has expired out of RQ's registries of jobs that are over.
-- Uses store/clock
-- KEYS
--   registries...  (zset: job → when its record expires, s; -1 = never)
-- ARGV
--   now_ms      '' = server time
--   most        of each registry
-- Returns how many. Expires nothing.
local now_s, expired = math.floor(clock_ms(now_ms) / 1000), 0
for i = registries_at, #KEYS do
  local count = math.min(redis.call('ZCOUNT', KEYS[i], 0, now_s), tonumber(most))
  if count > 0 then
    local first = redis.call('ZCOUNT', KEYS[i], '-inf', '(0')
    expired = expired + redis.call('ZREMRANGEBYRANK', KEYS[i], first, first + count - 1)
  end
end
return expired
