-- Gives back what one line of a ledger charged, to its scope and to the system; to each of them once. Safe to send twice.
-- Uses store/clock
-- KEYS
--   ledger      the ledger with the line (stream)
--   budgets...  of each scope, that of the line first: its month (hash), its ledger (stream)
-- ARGV
--   now_ms      '' = server time
--   line        id of the line
--   id          of this refund
--   keep_s      how long a month is kept
--   most        lines of a ledger
--   fields...   of the lines of the refund: names and values
-- Returns {'done', millionths of a USD, thousandths of a credit}, or why nothing was done: {'none'} there is no such line, {'kind'}
-- it is no charge, {'again'} it was given back before, {'less', nth scope} that scope did not spend so much. Expires: as the month.
local found = redis.call('XRANGE', ledger, line, line)[1]
if not found then return {'none'} end
local charge = {}
for i = 1, #found[2], 2 do charge[found[2][i]] = found[2][i + 1] end
if charge.kind ~= 'settle' and charge.kind ~= 'uncertain' then return {'kind'} end
local reservation = charge.reservation or line
local mark, uncertain = 'b:' .. reservation, 'u:' .. reservation
local usd, credits = charge.micro_usd or '0', charge.milli_credits or '0'
local done, open = {'done', tonumber(usd), tonumber(credits)}, {}
local back = {usd = string.format('%.0f', 0 - usd), credits = string.format('%.0f', 0 - credits)}
for i = budgets_at, #KEYS, 2 do
  local made = redis.call('HGET', KEYS[i], mark)
  if made == id then return done end
  local is_over = made or charge.kind == 'uncertain' and redis.call('HEXISTS', KEYS[i], uncertain) == 0
  if is_over and i == budgets_at then return {'again'} end
  if not is_over then
    local spent = redis.call('HMGET', KEYS[i], 'spent:micro_usd', 'spent:milli_credits')
    if (tonumber(spent[1] or nil) or 0) < tonumber(usd) or (tonumber(spent[2] or nil) or 0) < tonumber(credits) then
      return {'less', (i - budgets_at) / 2}
    end
    open[#open + 1] = i
  end
end
local now = string.format('%.0f', clock_ms(now_ms))
for _, i in ipairs(open) do
  redis.call('HSET', KEYS[i], mark, id)
  redis.call('HDEL', KEYS[i], uncertain) -- its holder may turn up: then it pays what it did cost, and gets nothing back
  redis.call('HINCRBY', KEYS[i], 'spent:micro_usd', back.usd)
  redis.call('HINCRBY', KEYS[i], 'spent:milli_credits', back.credits)
  redis.call('XADD', KEYS[i + 1], 'MAXLEN', '~', most, '*', 'at_ms', now, 'micro_usd', back.usd, 'milli_credits', back.credits,
    unpack(ARGV, fields_at))
  redis.call('EXPIRE', KEYS[i], keep_s)
  redis.call('EXPIRE', KEYS[i + 1], keep_s)
end
return done
