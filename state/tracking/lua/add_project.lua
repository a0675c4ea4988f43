-- Adds a project under an id and an object folder that are both free.
-- KEYS[1] projects (set)  KEYS[2] project (hash)  KEYS[3] folders (hash)  KEYS[4] weights that are not 1 (hash)
-- ARGV[1] id  ARGV[2] folder  ARGV[3] folder to take where that one is another project's  ARGV[4] weight; then field, value, ...
-- Returns the folder taken, or '' where the id is taken.
if redis.call('EXISTS', KEYS[2]) == 1 then return '' end
local folder = ARGV[2]
if redis.call('HEXISTS', KEYS[3], folder) == 1 then folder = ARGV[3] end
while redis.call('HEXISTS', KEYS[3], folder) == 1 do folder = folder .. '-' end
redis.call('HSET', KEYS[2], 'folder', folder, unpack(ARGV, 5))
if tonumber(ARGV[4]) ~= 1 then redis.call('HSET', KEYS[4], ARGV[1], ARGV[4]) end
redis.call('HSET', KEYS[3], folder, ARGV[1])
redis.call('SADD', KEYS[1], ARGV[1])
return folder
