-- Writes what a scrape found out about a site, unless a scrape that began later has written before.
-- KEYS
--   site       the site (hash)
--   sites      all sites (zset)
--   own        the sites of its owner (zset)
-- ARGV
--   member     the site in both lists
--   began_ms   when the scrape began
--   keep_s     how long it is kept
--   fields...  names and values
-- Returns 1; 0 where a later scrape was there. Expires: all three keys.
if tonumber(redis.call('HGET', site, 'began_ms') or '0') > tonumber(began_ms) then return 0 end
redis.call('DEL', site)
redis.call('HSET', site, 'began_ms', began_ms, unpack(ARGV, fields_at))
redis.call('EXPIRE', site, keep_s)
for _, list in ipairs({ sites, own }) do
  redis.call('ZADD', list, 0, member)
  redis.call('EXPIRE', list, keep_s)
end
return 1
