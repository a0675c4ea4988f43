-- Archives a keyword, or unarchives it.
-- Uses tracking/due
-- KEYS
--   project      the project (hash)
--   due          its due times (zset)
--   archived     its archived keywords (set)
--   ring         projects with due keywords (zset, virtual time)
--   waiting      the other active projects (zset, s)
--   keyword      the keyword (hash)
-- ARGV
--   project_id
--   keyword_id
--   wanted       'archived' or 'unarchived'
-- Returns 'changed', 'unchanged' (it was so already) or 'gone' (no such keyword). Expires nothing.
if redis.call('EXISTS', keyword) == 0 then return 'gone' end
local is_archived, archive = redis.call('HEXISTS', keyword, 'x') == 1, wanted == 'archived'
if is_archived == archive then return 'unchanged' end
if archive then
  redis.call('HSET', keyword, 'x', 1)
  redis.call('ZREM', due, keyword_id)
  redis.call('SADD', archived, keyword_id)
else
  redis.call('HDEL', keyword, 'x')
  redis.call('SREM', archived, keyword_id)
  redis.call('ZADD', due, redis.call('HGET', keyword, 'd') or 0, keyword_id)
end
refresh(project_id, project, ring, waiting)
return 'changed'
