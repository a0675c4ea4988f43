-- Removes keywords with all that is their own. A check that is under way finds nothing to record and frees its claim.
-- Uses tracking/due
-- KEYS
--   project          the project (hash)
--   due              its due times (zset)
--   archived         its archived keywords (set)
--   ring             projects with due keywords (zset, virtual time)
--   waiting          the other active projects (zset, s)
--   failed           keywords whose last check failed (zset, s)
-- ARGV
--   project_id
--   keyword_prefix
--   keyword_ids...
-- Returns how many were there. Expires nothing.
local removed = 0
for i = keyword_ids_at, #ARGV do
  local id = ARGV[i]
  local key = keyword_prefix .. id
  redis.call('ZREM', due, id)
  redis.call('SREM', archived, id)
  redis.call('ZREM', failed, id)
  redis.call('DEL', key .. ':ranks', key .. ':pages', key .. ':error', key .. ':serps')
  removed = removed + redis.call('DEL', key)
end
refresh(project_id, project, ring, waiting)
return removed
