-- Sets the limits of a scope. A warning that the new limits do not give is forgotten, so that it can come again.
-- KEYS
--   scopes      when each scope was used last (zset)
--   limit       limits of the scope (hash)
--   month       its month, by the new zone (hash)
-- ARGV
--   scope
--   now_s
--   micro_usd   '' = no limit
--   milli_credits
--   zone
-- Returns 1. Expires nothing.
local wanted, reached = {micro_usd = micro_usd, milli_credits = milli_credits}, {}
redis.call('DEL', limit)
redis.call('HSET', limit, 'zone', zone)
redis.call('ZADD', scopes, now_s, scope)
for unit, most in pairs(wanted) do
  if most ~= '' then
    redis.call('HSET', limit, unit, most)
    local spent = tonumber(redis.call('HGET', month, 'spent:' .. unit) or 0)
    for _, percent in ipairs({80, 100}) do
      reached[percent] = reached[percent] or spent * 100 >= most * percent
    end
  end
end
for _, percent in ipairs({80, 100}) do
  if not reached[percent] then redis.call('HDEL', month, 'warned:' .. percent) end
end
return 1
