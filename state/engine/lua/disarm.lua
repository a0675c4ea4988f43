-- Takes an entry out of rq-scheduler's entries; its hash, its record and its due time are kept.
-- KEYS[1] rq-scheduler's entries (zset: id → due, s)  KEYS[2] our record of it (hash)
-- ARGV[1] entry  ARGV[2] why: hand, removed
-- Returns 1 when that changed something, else 0. What is off by hand stays so when it is removed.
local score, off = redis.call('ZSCORE', KEYS[1], ARGV[1]), redis.call('HGET', KEYS[2], 'off')
if not score and (off == ARGV[2] or off == 'hand') then return 0 end
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HSET', KEYS[2], 'off', ARGV[2])
if score then redis.call('HSET', KEYS[2], 'due', score) end
return 1
