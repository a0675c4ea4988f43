-- An object holds these records now: they leave Redis.
-- KEYS
--   ledger    the ledger (hash)
--   records   n → record (hash)
--   segments  objects (list)
-- ARGV
--   token     of the caller that took the records
--   object    key of the object
--   keep_s    how long the ledger is kept
--   packed... numbers of the records
-- Returns 1; 0 where another caller packs by now, and nothing was changed. Expires: the segments.
local owner = string.match(redis.call('HGET', ledger, 'packer') or '', ' (.*)$')
if owner ~= token then return redis.call('LINDEX', segments, -1) == object and 1 or 0 end
redis.call('HDEL', ledger, 'packer')
redis.call('HDEL', records, unpack(ARGV, packed_at))
redis.call('RPUSH', segments, object)
redis.call('EXPIRE', segments, keep_s)
return 1
