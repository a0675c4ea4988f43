-- Holds a message that is due at a target for whoever asks.
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
-- Returns {message, tries, when it was made (ms)}, or nothing where it is not due, or gone. Expires: nothing.
local now, at = math.floor(clock_ms(now_ms)), tonumber(redis.call('ZSCORE', due, name) or nil)
if not at or at > now then return {} end
local text, found = redis.call('GET', message), redis.call('HMGET', delivery, 'tries', 'made_ms')
if not text or not found[1] then
  redis.call('ZREM', due, name)
  return {}
end
redis.call('ZADD', due, string.format('%d', now + hold_ms), name)
redis.call('HSET', delivery, 'held', token)
return {text, found[1], found[2]}
