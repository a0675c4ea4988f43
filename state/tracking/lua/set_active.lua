-- Lets a project take part in batches, or keeps it out.
-- KEYS[1] project  KEYS[2] ring  KEYS[3] waiting
-- ARGV[1] project id  ARGV[2] 1 = active, 0 = not
-- Returns 1, or 0 where there is no such project.
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('HSET', KEYS[1], 'active', ARGV[2])
if ARGV[2] == '0' then
  local turn = redis.call('ZSCORE', KEYS[2], ARGV[1])
  if turn then redis.call('HSET', KEYS[1], 'turn', turn) end
  redis.call('ZREM', KEYS[2], ARGV[1])
  redis.call('ZREM', KEYS[3], ARGV[1])
else
  refresh(ARGV[1], KEYS[1], KEYS[2], KEYS[3])
end
return 1
