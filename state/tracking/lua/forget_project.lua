-- Removes a project that has no keywords any more, with all that is its own.
-- KEYS
--   project      the project (hash)
--   due          its due times (zset)
--   archived     its archived keywords (set)
--   projects     all projects (set)
--   folders      folder → project (hash)
--   ring         projects with due keywords (zset, virtual time)
--   waiting      the other active projects (zset, s)
--   weights      weights that are not 1 (hash)
--   changes      settings that were changed (list)
--   notes        what happened on days (hash)
-- ARGV
--   project_id
-- Returns 'removed', or 'has keywords': somebody added them meanwhile. Expires nothing.
if redis.call('EXISTS', due, archived) > 0 then return 'has keywords' end
local folder = redis.call('HGET', project, 'folder')
if folder then redis.call('HDEL', folders, folder) end
redis.call('DEL', project, changes, notes)
redis.call('SREM', projects, project_id)
redis.call('ZREM', ring, project_id)
redis.call('ZREM', waiting, project_id)
redis.call('HDEL', weights, project_id)
return 'removed'
