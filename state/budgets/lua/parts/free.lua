-- Lets go of a reservation. Returns its two amounts, and for what it was asked ('purpose\nkey', '' = it was not); nil: it is none.
local function free(month, leases, id)
  redis.call('ZREM', leases, id)
  local held = redis.call('HGET', month, 'r:' .. id)
  if not held then return nil end
  local usd, credits, asked = string.match(held, '^(%d+) (%d+) ?(.*)$')
  redis.call('HDEL', month, 'r:' .. id)
  redis.call('HINCRBY', month, 'held:micro_usd', string.format('%.0f', 0 - usd))
  redis.call('HINCRBY', month, 'held:milli_credits', string.format('%.0f', 0 - credits))
  return usd, credits, asked
end

-- Lets go of reservations whose lease is over: their holders died. One whose step was asked for may have cost all of it: nobody
-- knows, so it is charged as uncertain, and 'u:<id>' says so until its holder turns up after all.
local function free_ended(month, leases, ledger, now, keep_s)
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', leases, '-inf', string.format('%.0f', now), 'LIMIT', 0, 1000)) do
    local usd, credits, asked = free(month, leases, id)
    if asked and asked ~= '' then
      local purpose, key = string.match(asked, '^([^\n]*)\n?(.*)$')
      redis.call('HINCRBY', month, 'spent:micro_usd', usd)
      redis.call('HINCRBY', month, 'spent:milli_credits', credits)
      redis.call('HSET', month, 'u:' .. id, usd .. ' ' .. credits)
      redis.call('XADD', ledger, '*', 'at_ms', string.format('%.0f', now), 'micro_usd', usd, 'milli_credits', credits,
        'kind', 'uncertain', 'purpose', purpose, 'key', key, 'reservation', id)
      redis.call('EXPIRE', month, keep_s)
      redis.call('EXPIRE', ledger, keep_s)
    end
  end
end
