-- Gives keywords new regular due times.
-- KEYS[1] project  KEYS[2] its due times  KEYS[3] ring  KEYS[4] waiting
-- ARGV[1] project id  ARGV[2] prefix of keywords; then 3 for each: id, regular due time that the caller saw (s), new one (s)
-- Returns how many have the new one. One with another due time by now is left alone; one that is held gets it with its outcome.
-- Expires nothing.
local changed = 0
for i = 3, #ARGV, 3 do
  local key, due = ARGV[2] .. ARGV[i], redis.call('ZSCORE', KEYS[2], ARGV[i])
  if redis.call('HGET', key, 'd') == ARGV[i + 1] then
    redis.call('HSET', key, 'd', ARGV[i + 2])
    if due and tonumber(due) >= 0 then redis.call('ZADD', KEYS[2], ARGV[i + 2], ARGV[i]) end
    changed = changed + 1
  end
end
refresh(ARGV[1], KEYS[1], KEYS[3], KEYS[4])
return changed
