-- Gives keywords new regular due times.
-- A keyword that has another due time by now is left alone. A keyword that is held gets the new time with its outcome.
-- Uses tracking/due
-- KEYS
--   project          the project (hash)
--   due              its due times (zset)
--   ring             projects with due keywords (zset, virtual time)
--   waiting          the other active projects (zset, s)
-- ARGV
--   project_id
--   keyword_prefix
--   times...         three for each keyword: id, regular due time that the caller saw (s), new one (s)
-- Returns how many have the new time. Expires nothing.
local changed = 0
for i = times_at, #ARGV, 3 do
  local id, seen, new = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local key, score = keyword_prefix .. id, redis.call('ZSCORE', due, id)
  if redis.call('HGET', key, 'd') == seen then
    redis.call('HSET', key, 'd', new)
    if score and tonumber(score) >= 0 then redis.call('ZADD', due, new, id) end
    changed = changed + 1
  end
end
refresh(project_id, project, ring, waiting)
return changed
