-- Notes that a session was used, so that it lives on; one that was ended stays ended.
-- KEYS
--   session     the session (hash)
-- ARGV
--   seen_s
--   idle_s      how long it lives without being used
-- Returns 1, or 0 where it is gone. Expires: the session, at its end at the latest.
local ends_s = tonumber(redis.call('HGET', session, 'ends_s') or 0)
if ends_s <= tonumber(seen_s) then return 0 end
redis.call('HSET', session, 'seen_s', seen_s)
redis.call('EXPIRE', session, math.min(tonumber(idle_s), math.ceil(ends_s - seen_s)))
return 1
