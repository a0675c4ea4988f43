-- Puts an entry that is off back among rq-scheduler's entries, due when it was: what it missed, its rule decides.
-- KEYS[1] rq-scheduler's entries (zset: id → due, s)  KEYS[2] our record of it (hash)
-- ARGV[1] entry
-- Returns 1 when that changed something, else 0.
local due = redis.call('HGET', KEYS[2], 'due')
if not due or redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 0 end
redis.call('ZADD', KEYS[1], due, ARGV[1])
redis.call('HSET', KEYS[2], 'off', '')
return 1
