-- Lets a project take part in batches, or keeps it out.
-- Uses tracking/due
-- KEYS
--   project      the project (hash)
--   ring         projects with due keywords (zset, virtual time)
--   waiting      the other active projects (zset, s)
-- ARGV
--   project_id
--   active       1 or 0
-- Returns 'set', or 'gone' where there is no such project. Expires nothing.
if redis.call('EXISTS', project) == 0 then return 'gone' end
if active == '1' then
  redis.call('HSET', project, 'active', active)
  refresh(project_id, project, ring, waiting)
  return 'set'
end
local turn = redis.call('ZSCORE', ring, project_id)
redis.call('ZREM', ring, project_id) -- first: a full server lets a script go on whose first write needs no memory
redis.call('ZREM', waiting, project_id)
redis.call('HSET', project, 'active', active)
if turn then redis.call('HSET', project, 'turn', turn) end
return 'set'
