-- Gives a project back the turn of a job that bought nothing: its next keywords are queued, and served, one turn earlier.
-- Uses engine/blocked_lists
-- KEYS
--   job              the job (hash)
--   ring             projects with due keywords (zset, virtual time)
--   weights          weights that are not 1 (hash)
-- ARGV
--   project_id
--   turns_prefix     prefix of the turns of a queue (hashes: project → its next turn)
-- Returns 'given back', or 'no turn' where the job had none: also when the script is sent again. Expires nothing.
local record = redis.call('HMGET', job, 'turn', 'origin', 'kind')
local has_turn, origin, kind = record[1], record[2], record[3]
if not has_turn then return 'no turn' end
local turns = turns_prefix .. home(origin or '', kind)
local turn, step = redis.call('HGET', turns, project_id), 1 / tonumber(redis.call('HGET', weights, project_id) or 1)
local ring_turn = redis.call('ZSCORE', ring, project_id)
redis.call('HDEL', job, 'turn')
if turn then redis.call('HSET', turns, project_id, string.format('%.17g', turn - step)) end
if ring_turn then redis.call('ZADD', ring, string.format('%.17g', ring_turn - step), project_id) end
return 'given back'
