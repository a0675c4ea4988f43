-- Lets a keyword rest, or wakes it.
-- KEYS[1] project  KEYS[2] its due times  KEYS[3] its archived keywords  KEYS[4] ring  KEYS[5] waiting  KEYS[6] keyword
-- ARGV[1] project id  ARGV[2] keyword id  ARGV[3] 1 = rest, 0 = wake
-- Returns 1 when that changed something, 0 when it was so already, -1 where there is no such keyword.
if redis.call('EXISTS', KEYS[6]) == 0 then return -1 end
local rests = redis.call('HEXISTS', KEYS[6], 'x')
if rests == tonumber(ARGV[3]) then return 0 end
if ARGV[3] == '1' then
  redis.call('HSET', KEYS[6], 'x', 1)
  redis.call('ZREM', KEYS[2], ARGV[2])
  redis.call('SADD', KEYS[3], ARGV[2])
else
  redis.call('HDEL', KEYS[6], 'x')
  redis.call('SREM', KEYS[3], ARGV[2])
  redis.call('ZADD', KEYS[2], redis.call('HGET', KEYS[6], 'd') or 0, ARGV[2])
end
refresh(ARGV[1], KEYS[1], KEYS[4], KEYS[5])
return 1
