-- Gives a project back the turn of a job that bought nothing: its next keywords come into the queue, and are served, one turn earlier.
-- KEYS[1] job (hash)  KEYS[2] ring (zset, virtual time)  KEYS[3] weights that are not 1 (hash)
-- ARGV[1] project  ARGV[2] prefix of the turns of a queue (hashes: project → its next turn)
-- Returns 1, or 0 where the job had no turn: also when it is sent again. Expires nothing.
local seen = redis.call('HMGET', KEYS[1], 'turn', 'origin', 'kind')
if not seen[1] then return 0 end
local turns = ARGV[2] .. home(seen[2] or '', seen[3])
local turn, step = redis.call('HGET', turns, ARGV[1]), 1 / tonumber(redis.call('HGET', KEYS[3], ARGV[1]) or 1)
local ring = redis.call('ZSCORE', KEYS[2], ARGV[1])
redis.call('HDEL', KEYS[1], 'turn')
if turn then redis.call('HSET', turns, ARGV[1], string.format('%.17g', turn - step)) end
if ring then redis.call('ZADD', KEYS[2], string.format('%.17g', ring - step), ARGV[1]) end
return 1
