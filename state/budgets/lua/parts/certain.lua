-- Gives back what was charged as uncertain for a reservation, now that its holder says what it did cost.
local function certain(month, ledger, id, now, keep_s)
  local charged = redis.call('HGET', month, 'u:' .. id)
  if not charged then return false end
  redis.call('HDEL', month, 'u:' .. id)
  local line = {'at_ms', string.format('%.0f', now), 'kind', 'refund', 'purpose', 'uncertain before', 'key', id}
  local usd, credits = string.match(charged, '^(%d+) (%d+)$')
  for unit, amount in pairs({micro_usd = usd, milli_credits = credits}) do
    local spent = tonumber(redis.call('HGET', month, 'spent:' .. unit) or 0)
    local back = string.format('%.0f', 0 - math.min(amount, math.max(spent, 0)))
    redis.call('HINCRBY', month, 'spent:' .. unit, back)
    line[#line + 1] = unit
    line[#line + 1] = back
  end
  redis.call('XADD', ledger, '*', unpack(line))
  redis.call('EXPIRE', ledger, keep_s)
  return true
end
