-- Holds a message for whoever asks, unless another holds it: one that is to be sent to a target, also before its next try.
-- Uses store/clock
-- KEYS
--   due         what is to be sent (zset, ms)
--   delivery    what became of the message at the target (hash)
--   message     the message (string, JSON)
-- ARGV
--   now_ms      '' = server time
--   name        `<message> <target>`
--   token       of who asks
--   hold_ms     it is due again after so long
-- Returns {message, tries, when it was made (ms)}, or nothing where another holds it, or it is gone. Expires: nothing.
local now, at = math.floor(clock_ms(now_ms)), tonumber(redis.call('ZSCORE', due, name) or nil)
local text, found = redis.call('GET', message), redis.call('HMGET', delivery, 'tries', 'made_ms', 'held')
if not at or (found[3] and at > now) then return {} end
if not text or not found[1] then
  redis.call('ZREM', due, name)
  return {}
end
redis.call('ZADD', due, string.format('%d', now + hold_ms), name)
redis.call('HSET', delivery, 'held', token)
return {text, found[1], found[2]}
