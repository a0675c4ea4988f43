-- Writes what came of a try to deliver, at the delivery and at its endpoint. Only who holds the delivery may.
-- Uses store/clock
-- KEYS
--   delivery    the delivery (hash)
--   endpoint    the endpoint (hash)
--   due         its deliveries (zset: delivery → when it is tried next, ms)
-- ARGV
--   now_ms      '' = server time
--   id          of the delivery
--   token       of who holds it
--   status      delivered, pending (it is tried again) or given_up
--   next_ms     when it is tried again
--   attempts    all tries (JSON)
--   cool_ms     the endpoint is asked nothing until then (0 = it is)
--   off         why the endpoint is told nothing more ('' = it is)
--   keep_s      how long the delivery is kept
-- Returns 1, or 0 where somebody else holds it. Expires: the delivery.
if redis.call('HGET', delivery, 'held') ~= token then return 0 end
local now = string.format('%d', clock_ms(now_ms))
redis.call('HDEL', delivery, 'held')
redis.call('HSET', delivery, 'status', status, 'attempts', attempts, 'next_ms', next_ms)
redis.call('HINCRBY', delivery, 'tries', 1)
redis.call('EXPIRE', delivery, keep_s)
if status == 'pending' then redis.call('ZADD', due, next_ms, id) else redis.call('ZREM', due, id) end
if redis.call('EXISTS', endpoint) == 0 then return 1 end
redis.call('HSET', endpoint, 'last_try_ms', now)
if status == 'delivered' then
  redis.call('HINCRBY', endpoint, 'delivered', 1)
  redis.call('HSET', endpoint, 'failures', 0, 'last_ok_ms', now)
  redis.call('HDEL', endpoint, 'failing_since_ms', 'cool_until_ms')
else
  redis.call('HINCRBY', endpoint, 'failures', 1)
  redis.call('HSETNX', endpoint, 'failing_since_ms', now)
  if status == 'given_up' then redis.call('HINCRBY', endpoint, 'given_up', 1) end
  if cool_ms ~= '0' then redis.call('HSET', endpoint, 'cool_until_ms', cool_ms) end
  if off ~= '' then redis.call('HSET', endpoint, 'off', off, 'off_ms', now) end
end
return 1
