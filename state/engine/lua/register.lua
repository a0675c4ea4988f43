-- Writes an entry of the schedule where it is new, changed, broken or gone. A run that is overdue stays due, what is off stays off.
-- KEYS[1] rq-scheduler's entries (zset: id → due, s)  KEYS[2] the entry (hash)  KEYS[3] our record of it (hash)
-- KEYS[4] entries of tables (set)
-- ARGV[1] now_ms ('' = server time)  ARGV[2] now as RQ writes it  ARGV[3] entry  ARGV[4] only what is gone (1, else '')
-- ARGV[5] due when it is new (s)  ARGV[6] due when it changed (s)  ARGV[7] that or sooner (1, else ''); ARGV[8..] fields and values
-- Returns 1 when that changed something, else 0.
local kind = redis.call('TYPE', KEYS[3]).ok
local damaged = kind ~= 'hash' and kind ~= 'none'
if damaged then redis.call('DEL', KEYS[3]) end
local id, score, exists = ARGV[3], redis.call('ZSCORE', KEYS[1], ARGV[3]), redis.call('EXISTS', KEYS[2]) == 1
local off, due = unpack(redis.call('HMGET', KEYS[3], 'off', 'due'))
off = off or ''
local armed = score or off == 'hand'
if ARGV[4] ~= '' and (off == 'removed' or exists) then return 0 end
local created = redis.pcall('HGET', KEYS[2], 'created_at')
local same = type(created) == 'string' and string.match(created, '^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%d%.?%d*Z$')
for i = 8, #ARGV, 2 do same = same and redis.call('HGET', KEYS[2], ARGV[i]) == ARGV[i + 1] end
if same and armed and not damaged then return 0 end
redis.call('SADD', KEYS[4], id)
if not same then
  redis.call('DEL', KEYS[2])
  redis.call('HSET', KEYS[2], 'created_at', ARGV[2], unpack(ARGV, 8))
end
if off == 'hand' then return 1 end
due = score or due or ARGV[5]
if exists and not same and due * 1000 > clock_ms(ARGV[1]) then
  due = ARGV[7] ~= '' and tonumber(due) < tonumber(ARGV[6]) and due or ARGV[6]
end
redis.call('ZADD', KEYS[1], due, id)
redis.call('HSET', KEYS[3], 'due', due, 'off', '')
return 1
