-- Ends a reservation of which nothing was spent. Safe to send twice.
-- Uses store/clock, budgets/free, budgets/certain
-- KEYS
--   budgets...  of each scope: its month (hash), its leases (zset), its ledger (stream)
-- ARGV
--   now_ms      '' = server time
--   id          of the reservation
--   keep_s      how long a month is kept
-- Returns how many scopes had it. Expires: ledgers.
local freed, now = 0, clock_ms(now_ms)
for i = budgets_at, #KEYS, 3 do
  local month, leases, ledger = unpack(KEYS, i, i + 2)
  if free(month, leases, id) or certain(month, ledger, id, now, keep_s) then freed = freed + 1 end
end
return freed
