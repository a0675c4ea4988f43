-- Writes what came of a try to tell a target. Only who holds the message may.
-- Uses store/clock
-- KEYS
--   due         what is to be sent (zset, ms)
--   delivery    what became of the message at the target (hash)
-- ARGV
--   now_ms      '' = server time
--   name        `<message> <target>`
--   token       of who holds it
--   status      delivered, pending (it is tried again) or given_up
--   wait_ms     until it is tried again
--   says        what the target said
-- Returns 1, or 0 where somebody else holds it. Expires: nothing.
if redis.call('HGET', delivery, 'held') ~= token then return 0 end
local now = math.floor(clock_ms(now_ms))
redis.call('HDEL', delivery, 'held')
redis.call('HSET', delivery, 'status', status, 'says', says, 'tried_ms', string.format('%d', now))
redis.call('HINCRBY', delivery, 'tries', 1)
if status == 'pending' then
  redis.call('ZADD', due, string.format('%d', now + wait_ms), name)
else
  redis.call('ZREM', due, name)
end
return 1
