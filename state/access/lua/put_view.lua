-- Keeps a saved view, in place of the one of that id, unless its owner has too many.
-- KEYS
--   views       saved views of an owner (hash: id → JSON)
-- ARGV
--   id
--   view        JSON
--   most        views of one owner
-- Returns 1, or 2 where one was replaced; 0 where there are too many. Expires nothing.
local is_there = redis.call('HEXISTS', views, id) == 1
if not is_there and redis.call('HLEN', views) >= tonumber(most) then return 0 end
redis.call('HSET', views, id, view)
return is_there and 2 or 1
