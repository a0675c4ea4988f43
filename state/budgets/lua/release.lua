-- Ends a reservation of which nothing was spent. Safe to send twice.
-- Uses budgets/free
-- KEYS
--   budgets...  of each scope: its month (hash), its leases (zset)
-- ARGV
--   id          of the reservation
-- Returns how many scopes had it. Expires nothing.
local freed = 0
for i = budgets_at, #KEYS, 2 do
  if free(KEYS[i], KEYS[i + 1], id) then freed = freed + 1 end
end
return freed
