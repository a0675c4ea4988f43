-- Messages: events that are told together, and where to. A plan (JSON) says: id, targets, quiet (nothing is told now), piercing
-- (but what is critical), most (messages in any hour), prefix and delivery (of keys), keep_s.
local function send_to(book, plan, now, kind, events)
  local stamp = string.format('%d', now)
  redis.call('SET', plan.prefix .. plan.id, '{"id":"' .. plan.id .. '","kind":"' .. kind .. '","at_ms":' .. stamp ..
    ',"left_out":' .. (plan.left_out or '0') .. ',"events":[' .. table.concat(events, ',') .. ']}', 'EX', plan.keep_s)
  for _, target in ipairs(plan.targets) do
    local name = plan.id .. ' ' .. target
    redis.call('ZADD', book.due, stamp, name)
    redis.call('ZADD', book.sent, stamp, name)
    redis.call('EXPIRE', book.sent, plan.keep_s)
    redis.call('HSET', plan.delivery .. name, 'status', 'pending', 'tries', 0, 'made_ms', stamp)
    redis.call('EXPIRE', plan.delivery .. name, plan.keep_s)
  end
  if redis.call('ZCARD', book.sent) > 1000 then redis.call('ZREMRANGEBYRANK', book.sent, 0, -1001) end
end
-- Puts all that may be told now into one message; returns its id, '' where nothing may be.
local function make_message(book, plan, now)
  local waiting, told, kept = redis.call('LRANGE', book.untold, 0, -1), {}, {}
  for _, event in ipairs(waiting) do
    local may = not plan.quiet or (plan.piercing and cjson.decode(event).grade == 2)
    table.insert(may and told or kept, event)
  end
  redis.call('ZREMRANGEBYSCORE', book.told, '-inf', string.format('%d', now - 3600000))
  if #told == 0 or redis.call('ZCARD', book.told) >= plan.most then return '' end
  plan.left_out = redis.call('GET', book.left_out) or '0'
  send_to(book, plan, now, 'news', told)
  redis.call('DEL', book.untold, book.left_out)
  if #kept > 0 then redis.call('RPUSH', book.untold, unpack(kept)) end
  redis.call('ZADD', book.told, string.format('%d', now), plan.id)
  redis.call('EXPIRE', book.told, 3600)
  return plan.id
end
