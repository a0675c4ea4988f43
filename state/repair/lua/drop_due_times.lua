-- Finds what a project means to check or to keep archived and what is no keyword of its any more; removes it.
-- KEYS[1] project  KEYS[2] its due times (zset)  KEYS[3] its archived keywords (set)  KEYS[4] ring  KEYS[5] waiting
-- ARGV[1] 1 = repair, 0 = only look  ARGV[2] project id  ARGV[3] prefix of keywords; then keyword ids
-- Returns those ids. Expires nothing.
local found = {}
for i = 4, #ARGV do
  local there = redis.call('ZSCORE', KEYS[2], ARGV[i]) or redis.call('SISMEMBER', KEYS[3], ARGV[i]) == 1
  if there and redis.call('EXISTS', ARGV[3] .. ARGV[i]) == 0 then
    found[#found + 1] = ARGV[i]
    if ARGV[1] == '1' then
      redis.call('ZREM', KEYS[2], ARGV[i])
      redis.call('SREM', KEYS[3], ARGV[i])
    end
  end
end
if ARGV[1] == '1' and #found > 0 then refresh(ARGV[2], KEYS[1], KEYS[4], KEYS[5]) end
return found
