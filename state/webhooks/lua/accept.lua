-- Makes deliveries, each once, takes the entry that led to them out of the outbox, and has them sent. All of it or nothing.
-- Uses store/clock, engine/rouse
-- Constants DELIVER, DELIVER_S
-- KEYS
--   outbox       the outbox (stream)
--   log          log of all deliveries (zset: delivery → when it was made, ms)
--   pending      endpoints → when something of them is due (zset, ms)
-- ARGV
--   now_ms       '' = server time
--   entry        of the outbox ('' = none)
--   prefix       prefix of endpoints
--   sent         prefix of deliveries
--   keep_s       how long deliveries are kept
--   most_logged  in the log of an endpoint
--   most_log     in the log of all
--   most_due     that one endpoint may have waiting
--   new...       6 for each delivery: id, endpoint, type, target, body, page
-- Returns how many were new. An endpoint that is off, or has too many waiting, counts what it is not told. Expires: all of a delivery.
local now, made = clock_ms(now_ms), 0
local stamp = string.format('%d', now)
local function remember(key, id, most)
  redis.call('ZADD', key, stamp, id)
  redis.call('EXPIRE', key, keep_s)
  if redis.call('ZCARD', key) > tonumber(most) then redis.call('ZREMRANGEBYRANK', key, 0, -most - 1) end
end
local function make(i)
  local id, endpoint, type_, target, body, page = unpack(ARGV, i, i + 5)
  local key, to, due = sent .. id, prefix .. endpoint, prefix .. endpoint .. ':due'
  if redis.call('EXISTS', key) == 1 then return end
  local found = redis.call('HMGET', to, 'url', 'off')
  if not found[1] then return end
  if (found[2] and found[2] ~= '') or redis.call('ZCARD', due) >= tonumber(most_due) then
    redis.call('HINCRBY', to, 'dropped', 1)
    return
  end
  redis.call('HSET', key, 'endpoint', endpoint, 'type', type_, 'target', target, 'body', body, 'page', page, 'status', 'pending',
    'tries', 0, 'created_ms', stamp, 'next_ms', stamp)
  redis.call('EXPIRE', key, keep_s)
  redis.call('ZADD', due, stamp, id)
  redis.call('EXPIRE', due, keep_s)
  remember(to .. ':log', id, most_logged)
  remember(log, id, most_log)
  if not redis.call('ZSCORE', pending, endpoint) then redis.call('ZADD', pending, stamp, endpoint) end
  rouse(to .. ':roused', now, {id = 'webhook-' .. endpoint .. '-' .. id, path = DELIVER, argument = endpoint, timeout_s = DELIVER_S})
  made = made + 1
end
for i = new_at, #ARGV, 6 do make(i) end
if entry ~= '' then redis.call('XDEL', outbox, entry) end
return made
