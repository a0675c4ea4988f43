-- Frees a dedup claim, where this owner holds it.
-- Uses engine/free_claim
-- KEYS
--   claims      claims of the namespace (zset: member → since, ms)
--   holders     their holders (hash)
-- ARGV
--   member      the claim's member
--   owner       who holds it
-- Returns 1 where it was freed, 0 where this owner did not hold it. Expires nothing.
return free_claim(claims, holders, member, owner) and 1 or 0
