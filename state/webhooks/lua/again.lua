-- Has a delivery sent again now, from its first try on.
-- Uses store/clock, engine/rouse
-- Constants DELIVER, DELIVER_S
-- KEYS
--   delivery     the delivery (hash)
--   endpoint     its endpoint (hash)
--   due          its deliveries (zset: delivery → when it is tried next, ms)
--   roused       mark: a job that sends is on its way (string)
--   pending      endpoints → when something of them is due (zset, ms)
-- ARGV
--   now_ms       '' = server time
--   id           of the delivery
--   endpoint_id
--   keep_s       how long the delivery is kept
-- Returns 1, or 0 where the delivery or its endpoint is gone. Expires: the delivery.
if redis.call('EXISTS', delivery) == 0 or redis.call('EXISTS', endpoint) == 0 then return 0 end
local now = clock_ms(now_ms)
local stamp = string.format('%d', now)
redis.call('HSET', delivery, 'status', 'pending', 'tries', 0, 'next_ms', stamp)
redis.call('HDEL', endpoint, 'cool_until_ms')
redis.call('EXPIRE', delivery, keep_s)
redis.call('ZADD', due, stamp, id)
redis.call('EXPIRE', due, keep_s)
redis.call('ZADD', pending, stamp, endpoint_id)
rouse(roused, now, {id = 'webhook-' .. endpoint_id .. '-' .. id .. '-' .. stamp, path = DELIVER, argument = endpoint_id, timeout_s = DELIVER_S})
return 1
