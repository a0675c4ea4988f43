-- Remembers where a fetched page is kept, and what shows whether it changed.
-- KEYS
--   page       the page (hash)
-- ARGV
--   keep_s     how long
--   fields...  names and values
-- Returns 1. Expires: the page.
redis.call('DEL', page)
redis.call('HSET', page, unpack(ARGV, fields_at))
redis.call('EXPIRE', page, keep_s)
return 1
