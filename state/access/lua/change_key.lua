-- Changes an API key that is not revoked.
-- KEYS
--   key         the key (hash)
-- ARGV
--   fields...   names and values; '' takes one away
-- Returns 1; 0 where there is no such key, or it is revoked. Expires nothing.
if redis.call('HEXISTS', key, 'digest') == 0 then return 0 end
for i = fields_at, #ARGV, 2 do
  if ARGV[i + 1] == '' then redis.call('HDEL', key, ARGV[i]) else redis.call('HSET', key, ARGV[i], ARGV[i + 1]) end
end
return 1
