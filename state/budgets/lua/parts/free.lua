-- Lets go of a reservation; false where there is none.
local function free(month, leases, id)
  redis.call('ZREM', leases, id)
  local held = redis.call('HGET', month, 'r:' .. id)
  if not held then return false end
  local usd, credits = string.match(held, '^(%d+) (%d+)$')
  redis.call('HDEL', month, 'r:' .. id)
  redis.call('HINCRBY', month, 'held:micro_usd', string.format('%.0f', 0 - usd))
  redis.call('HINCRBY', month, 'held:milli_credits', string.format('%.0f', 0 - credits))
  return true
end

-- Lets go of reservations whose lease is over: their holders died.
local function free_ended(month, leases, now)
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', leases, '-inf', string.format('%.0f', now), 'LIMIT', 0, 1000)) do
    free(month, leases, id)
  end
end
