-- Finds dedup claims whose job is gone or over; hands each to a new holder, who will free it.
-- KEYS[1] claims of the namespace (zset, ms)  KEYS[2] its holders (hash)
-- ARGV[1] new holder ('' = only look)  ARGV[2] now_ms ('' = server time)  ARGV[3] prefix of jobs; then members
-- Returns {member, ...}. Expires nothing: a new holder that dies loses them after a minute.
local now, found = clock_ms(ARGV[2]), {}
for i = 4, #ARGV do
  local since, holder = redis.call('ZSCORE', KEYS[1], ARGV[i]), redis.call('HGET', KEYS[2], ARGV[i])
  if (since or holder) and not (holder and holds(holder, ARGV[3], since, now)) then
    found[#found + 1] = ARGV[i]
    if ARGV[1] ~= '' then
      redis.call('ZADD', KEYS[1], now, ARGV[i])
      redis.call('HSET', KEYS[2], ARGV[i], ARGV[1])
    end
  end
end
return found
