-- Finds due times and archive entries of a project that belong to no keyword; removes them.
-- Uses tracking/due
-- KEYS
--   project     the project (hash)
--   due         its due times (zset)
--   archived    its archived keywords (set)
--   ring        projects with due keywords (zset, virtual time)
--   waiting     the other active projects (zset, s)
-- ARGV
--   repair      1 = repair, 0 = only look
--   project_id
--   keyword_prefix
--   keyword_ids...
-- Returns the ids that belong to no keyword. Expires nothing.
local found = {}
for i = keyword_ids_at, #ARGV do
  local id = ARGV[i]
  local is_listed = redis.call('ZSCORE', due, id) or redis.call('SISMEMBER', archived, id) == 1
  if is_listed and redis.call('EXISTS', keyword_prefix .. id) == 0 then
    found[#found + 1] = id
    if repair == '1' then
      redis.call('ZREM', due, id)
      redis.call('SREM', archived, id)
    end
  end
end
if repair == '1' and #found > 0 then refresh(project_id, project, ring, waiting) end
return found
