-- Whether one more request may be made, by the generic cell rate algorithm (ITU-T I.371): `most` at once, and then `most` a window,
-- evenly.
-- Uses store/clock
-- KEYS
--   rate        until when what was asked is paid for (string, ms)
-- ARGV
--   now_ms      '' = server time
--   most        requests in a window
--   window_ms
-- Returns {1 or 0, requests left, ms until one may be made again, ms until all of them may}. Expires: the key, when all is paid for.
local now, window = clock_ms(now_ms), tonumber(window_ms)
local each = window / most
local paid_until = math.min(math.max(now, tonumber(redis.call('GET', rate) or 0) or 0), now + window) -- the clock may have gone back
local after = paid_until + each
local is_allowed = after - now <= window + 0.001
if is_allowed then
  redis.call('SET', rate, string.format('%.3f', after), 'PX', string.format('%d', math.ceil(after - now) + 1000))
  paid_until = after
end
local left = math.max(0, math.floor((now + window - paid_until) / each + 0.001))
return {is_allowed and 1 or 0, left, left > 0 and 0 or math.ceil(paid_until + each - window - now), math.ceil(paid_until - now)}
