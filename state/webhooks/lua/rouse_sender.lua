-- Has what waits of an endpoint sent, unless a job is on its way.
-- Uses store/clock, engine/rouse
-- Constants DELIVER, DELIVER_S
-- KEYS
--   due         its deliveries (zset: delivery → when it is tried next, ms)
--   roused      mark: a job that sends is on its way (string)
--   pending     endpoints → when something of them is due (zset, ms)
-- ARGV
--   now_ms      '' = server time
--   id          of the endpoint
-- Returns 1 where a job was put into its queue, else 0. Expires: the mark (60 s).
if redis.call('EXISTS', due) == 0 then
  redis.call('ZREM', pending, id)
  return 0
end
local now = clock_ms(now_ms)
local stamp = string.format('%d', now)
redis.call('ZADD', pending, stamp, id)
local call = {id = 'webhook-' .. id .. '-' .. stamp, path = DELIVER, argument = id, timeout_s = DELIVER_S}
return rouse(roused, now, call) and 1 or 0
