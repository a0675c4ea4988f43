-- Reserves an amount of every scope, or of none.
-- Uses store/clock, budgets/free
-- KEYS
--   scopes      when each scope was used last (zset)
--   budgets...  of each scope: its limits (hash), its month (hash), its leases (zset), its ledger (stream)
-- ARGV
--   now_ms      '' = server time
--   lease_ms    so long, and it ends by itself
--   id          of the reservation
--   micro_usd   at most so much is spent
--   milli_credits
--   keep_s      how long a month is kept
--   names...    of each scope: its name, the zone that gave its month, when that month begins and ends (s)
-- Returns {'held'}; {'period', nth scope, its zone, now (ms)} where it is another month; {'full', nth scope, unit, limit, spent,
-- held, 1 where that is new, ms until a lease ends or -1} where a limit would be passed. Expires: months, leases and ledgers.
local now, wanted = clock_ms(now_ms), {micro_usd = tonumber(micro_usd), milli_credits = tonumber(milli_credits)}
local count = (#KEYS - budgets_at + 1) / 4
local function keys_of(nth) return unpack(KEYS, budgets_at + 4 * nth, budgets_at + 4 * nth + 3) end
for nth = 0, count - 1 do
  local _, given, begins_s, ends_s = unpack(ARGV, names_at + 4 * nth, names_at + 4 * nth + 3)
  local zone = redis.call('HGET', (keys_of(nth)), 'zone') or 'UTC'
  if zone ~= given or now < begins_s * 1000 or now >= ends_s * 1000 then
    return {'period', nth, zone, string.format('%.0f', now)}
  end
end
for nth = 0, count - 1 do
  local limit, month, leases, ledger = keys_of(nth)
  free_ended(month, leases, ledger, now, keep_s)
  if redis.call('HEXISTS', month, 'r:' .. id) == 1 then return {'held'} end
  for unit, amount in pairs(wanted) do
    local most = tonumber(redis.call('HGET', limit, unit) or nil)
    local spent = tonumber(redis.call('HGET', month, 'spent:' .. unit) or 0)
    local held = tonumber(redis.call('HGET', month, 'held:' .. unit) or 0)
    if most and amount > 0 and spent + held + amount > most then
      local is_new, ends = 0, redis.call('ZRANGE', leases, 0, 0, 'WITHSCORES')[2]
      if spent + amount > most then
        is_new = redis.call('HSETNX', month, 'warned:100', string.format('%.0f', now))
        redis.call('EXPIRE', month, keep_s)
      end
      local figures = {string.format('%.0f', most), string.format('%.0f', spent), string.format('%.0f', held)}
      return {'full', nth, unit, figures[1], figures[2], figures[3], is_new, ends and math.ceil(ends - now) or -1}
    end
  end
end
for nth = 0, count - 1 do
  local _, month, leases = keys_of(nth)
  redis.call('HSET', month, 'r:' .. id, micro_usd .. ' ' .. milli_credits)
  redis.call('HINCRBY', month, 'held:micro_usd', micro_usd)
  redis.call('HINCRBY', month, 'held:milli_credits', milli_credits)
  redis.call('ZADD', leases, string.format('%.0f', now + lease_ms), id)
  redis.call('ZADD', scopes, math.floor(now / 1000), ARGV[names_at + 4 * nth])
  redis.call('EXPIRE', month, keep_s)
  redis.call('EXPIRE', leases, keep_s)
end
return {'held'}
