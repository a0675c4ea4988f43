-- Gives the next delivery of an endpoint that is due, and holds it for whoever asks. Where none is, the mark of the job that sends goes.
-- Uses store/clock
-- KEYS
--   endpoint    the endpoint (hash)
--   due         its deliveries (zset: delivery → when it is tried next, ms)
--   roused      mark: a job that sends is on its way (string)
--   timer       mark: a job comes back then (string, ms)
--   pending     endpoints → when something of them is due (zset, ms)
-- ARGV
--   now_ms      '' = server time
--   id          of the endpoint
--   token       of who asks
--   sent        prefix of deliveries
--   hold_ms     so long it is held
--   roused_s    the mark lives so long
--   more        '1' = who asks has others: where nothing is due, nothing is changed
-- Returns {take, delivery, {field, value, ...}, {field, value, ... of the endpoint}} · {later, ms} (come back then) · {rest} (do not).
--   Expires: the marks.
local now = clock_ms(now_ms)
local function rest(reply)
  if more ~= '' then return {'rest'} end
  redis.call('DEL', roused)
  if not reply then redis.call('ZREM', pending, id) end
  return reply or {'rest'}
end
local function later(ms)
  if more ~= '' then return {'rest'} end
  redis.call('ZADD', pending, string.format('%d', ms), id)
  local set = tonumber(redis.call('GET', timer) or '')
  if set and set <= ms and set > now then return rest({'rest'}) end
  redis.call('SET', timer, string.format('%d', ms), 'PX', string.format('%d', math.max(1, ms - now) + 5000))
  return rest({'later', string.format('%d', ms)})
end
local found = redis.call('HMGET', endpoint, 'url', 'off', 'cool_until_ms')
if not found[1] then redis.call('DEL', due) end
if not found[1] or (found[2] and found[2] ~= '') then return rest() end
for _ = 1, 1000 do
  local first, score = unpack(redis.call('ZRANGE', due, 0, 0, 'WITHSCORES'))
  if not first then return rest() end
  local at = math.max(tonumber(score), tonumber(found[3] or 0))
  if at > now then return later(at) end
  local fields = redis.call('HGETALL', sent .. first)
  if fields[1] then
    redis.call('ZADD', due, string.format('%d', now + hold_ms), first)
    redis.call('HSET', sent .. first, 'held', token)
    redis.call('SET', roused, 'sends', 'EX', roused_s)
    redis.call('ZADD', pending, string.format('%d', now + hold_ms), id)
    return {'take', first, fields, redis.call('HGETALL', endpoint)}
  end
  redis.call('ZREM', due, first) -- it expired
end
return later(now + 1000)
