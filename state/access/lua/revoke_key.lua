-- Ends an API key for good.
-- KEYS
--   key         the key (hash)
-- ARGV
--   now_s
--   keep_s      how long it is still listed
-- Returns 1; 0 where it was revoked before or there is no such key. Expires: the key.
if redis.call('EXISTS', key) == 0 or redis.call('HSETNX', key, 'revoked_s', now_s) == 0 then return 0 end
redis.call('HDEL', key, 'digest')
redis.call('EXPIRE', key, keep_s)
return 1
