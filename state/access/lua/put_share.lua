-- Keeps a share link of a project, unless the project has too many that are not over. Safe to send twice.
-- KEYS
--   share       the link (hash)
--   shares      links of the project (zset: digest → end, s)
-- ARGV
--   digest      of its token
--   now_s
--   life_s      how long it lives
--   most        links of one project
--   fields...   names and values
-- Returns 1; 0 where there are too many. Expires: the link at its end, the list with its last link.
redis.call('ZREMRANGEBYSCORE', shares, '-inf', now_s)
local is_there = redis.call('ZSCORE', shares, digest)
if not is_there and redis.call('ZCARD', shares) >= tonumber(most) then return 0 end
redis.call('HSET', share, unpack(ARGV, fields_at))
redis.call('EXPIRE', share, life_s)
redis.call('ZADD', shares, now_s + life_s, digest)
redis.call('EXPIRE', shares, math.max(redis.call('TTL', shares), tonumber(life_s)))
return 1
