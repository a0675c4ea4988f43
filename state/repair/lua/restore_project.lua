-- Finds out whether a project takes part in batches as it should; puts it where it belongs.
-- KEYS[1] project  KEYS[2] its due times (zset)  KEYS[3] ring (zset)  KEYS[4] waiting (zset)
-- ARGV[1] 1 = repair, 0 = only look  ARGV[2] project id
-- Returns 1 where it stood wrong, else 0. Expires nothing.
local active = redis.call('HGET', KEYS[1], 'active') == '1'
local turn, waits = redis.call('ZSCORE', KEYS[3], ARGV[2]), redis.call('ZSCORE', KEYS[4], ARGV[2])
local head = next_look(KEYS[2])
local right = not waits
if not active then
  right = not turn and not waits
elseif not turn then
  right = tonumber(waits or -1) == tonumber(head or -1)
end
if right or ARGV[1] ~= '1' then return right and 0 or 1 end
if not active then redis.call('ZREM', KEYS[3], ARGV[2]) end
redis.call('ZREM', KEYS[4], ARGV[2])
refresh(ARGV[2], KEYS[1], KEYS[3], KEYS[4])
return 1
