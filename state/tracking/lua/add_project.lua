-- Adds a project under an id and an object folder that are both free.
-- KEYS
--   projects         all projects (set)
--   project          the project (hash)
--   folders          folder → project (hash)
--   weights          weights that are not 1 (hash)
-- ARGV
--   project_id
--   folder
--   other_folder     the folder to take where that one is another project's
--   weight
--   fields...        field and value of each setting
-- Returns the folder taken, or '' where the id is taken. Expires nothing.
if redis.call('EXISTS', project) == 1 then return '' end
if redis.call('HEXISTS', folders, folder) == 1 then folder = other_folder end
while redis.call('HEXISTS', folders, folder) == 1 do folder = folder .. '-' end
redis.call('HSET', project, 'folder', folder, unpack(ARGV, fields_at))
if tonumber(weight) ~= 1 then redis.call('HSET', weights, project_id, weight) end
redis.call('HSET', folders, folder, project_id)
redis.call('SADD', projects, project_id)
return folder
