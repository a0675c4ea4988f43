-- Removes a project that has no keywords any more, with all that is its own.
-- KEYS[1] project  KEYS[2] its due times  KEYS[3] its archived keywords  KEYS[4] projects (set)  KEYS[5] folders (hash)
-- KEYS[6] ring  KEYS[7] waiting  KEYS[8] weights (hash)  KEYS[9] its changes (list)
-- ARGV[1] project id
-- Returns 1, or 0 where it has keywords: somebody added them meanwhile.
if redis.call('EXISTS', KEYS[2], KEYS[3]) > 0 then return 0 end
local folder = redis.call('HGET', KEYS[1], 'folder')
if folder then redis.call('HDEL', KEYS[5], folder) end
redis.call('DEL', KEYS[1], KEYS[9])
redis.call('SREM', KEYS[4], ARGV[1])
redis.call('ZREM', KEYS[6], ARGV[1])
redis.call('ZREM', KEYS[7], ARGV[1])
redis.call('HDEL', KEYS[8], ARGV[1])
return 1
