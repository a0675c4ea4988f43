-- Notes that a share link was opened; one that is over stays over.
-- KEYS
--   share       the link (hash)
-- ARGV
--   used_s
-- Returns 1; 0 where it is over. Expires nothing.
if redis.call('EXISTS', share) == 0 then return 0 end
redis.call('HSET', share, 'used_s', used_s)
return 1
