-- Adds keywords to a project; those that are there stay as they are.
-- KEYS[1] project  KEYS[2] its due times  KEYS[3] ring  KEYS[4] waiting
-- ARGV[1] project id  ARGV[2] prefix of keywords; then 2 for each: id, text
-- Returns {added, were there} or {-1, 0} where there is no such project, {-2, index} where two texts share one id (nothing is added).
if redis.call('EXISTS', KEYS[1]) == 0 then return {-1, 0} end
for i = 3, #ARGV, 2 do
  local text = redis.call('HGET', ARGV[2] .. ARGV[i], 't')
  if text and text ~= ARGV[i + 1] then return {-2, (i - 3) / 2} end
end
local added, known = 0, 0
for i = 3, #ARGV, 2 do
  local key = ARGV[2] .. ARGV[i]
  if redis.call('EXISTS', key) == 1 then
    known = known + 1
  else
    redis.call('HSET', key, 'p', ARGV[1], 't', ARGV[i + 1])
    redis.call('ZADD', KEYS[2], 0, ARGV[i])
    added = added + 1
  end
end
if added > 0 then refresh(ARGV[1], KEYS[1], KEYS[3], KEYS[4]) end
return {added, known}
