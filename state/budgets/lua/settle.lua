-- Charges what a paid step did cost to every scope, and ends its reservation. Safe to send twice.
-- Uses store/clock, budgets/free, budgets/certain
-- KEYS
--   settled     mark of this reservation (string)
--   budgets...  of each scope: its limits (hash), its month (hash), its leases (zset), its ledger (stream)
-- ARGV
--   now_ms      '' = server time
--   id          of the reservation
--   micro_usd   what it did cost; may be less than nothing (a refund)
--   milli_credits
--   keep_s      how long a month is kept
--   most        lines of a ledger
--   fields...   of the line in the ledger: names and values
-- Returns {nth scope, percent, …}: limits that were reached for the first time. {nth scope, -1}: nothing was done, because that
-- scope did not spend as much as is to be given back. Expires: months, ledgers, the mark.
for i = budgets_at, #KEYS, 4 do
  local spent = redis.call('HMGET', KEYS[i + 1], 'spent:micro_usd', 'spent:milli_credits')
  if tonumber(micro_usd) < 0 and (tonumber(spent[1] or nil) or 0) + micro_usd < 0
      or tonumber(milli_credits) < 0 and (tonumber(spent[2] or nil) or 0) + milli_credits < 0 then
    if redis.call('EXISTS', settled) == 1 then return {} end
    return {(i - budgets_at) / 4, -1}
  end
end
if not redis.call('SET', settled, 1, 'NX', 'EX', 86400) then return {} end
local now, costs, warnings = clock_ms(now_ms), {micro_usd = micro_usd, milli_credits = milli_credits}, {}
for i = budgets_at, #KEYS, 4 do
  local limit, month, leases, ledger = unpack(KEYS, i, i + 3)
  if not free(month, leases, id) then certain(month, ledger, id, now, keep_s) end
  for unit, cost in pairs(costs) do
    local spent = redis.call('HINCRBY', month, 'spent:' .. unit, cost)
    local most = tonumber(redis.call('HGET', limit, unit) or nil)
    for _, percent in ipairs({80, 100}) do
      if most and tonumber(cost) > 0 and spent * 100 >= most * percent
          and redis.call('HSETNX', month, 'warned:' .. percent, string.format('%.0f', now)) == 1 then
        warnings[#warnings + 1] = (i - budgets_at) / 4
        warnings[#warnings + 1] = percent
      end
    end
  end
  redis.call('XADD', ledger, 'MAXLEN', '~', most, '*', 'at_ms', string.format('%.0f', now),
    'micro_usd', micro_usd, 'milli_credits', milli_credits, unpack(ARGV, fields_at))
  redis.call('EXPIRE', month, keep_s)
  redis.call('EXPIRE', ledger, keep_s)
end
return warnings
