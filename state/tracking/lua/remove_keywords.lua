-- Removes keywords with all that is their own. A check that is under way finds nothing to record and frees its claim.
-- KEYS[1] project  KEYS[2] its due times  KEYS[3] its archived keywords  KEYS[4] ring  KEYS[5] waiting  KEYS[6] failed
-- ARGV[1] project id  ARGV[2] prefix of keywords; then keyword ids
-- Returns how many were there.
local removed = 0
for i = 3, #ARGV do
  local key = ARGV[2] .. ARGV[i]
  redis.call('ZREM', KEYS[2], ARGV[i])
  redis.call('SREM', KEYS[3], ARGV[i])
  redis.call('ZREM', KEYS[6], ARGV[i])
  redis.call('DEL', key .. ':ranks', key .. ':pages', key .. ':error')
  removed = removed + redis.call('DEL', key)
end
refresh(ARGV[1], KEYS[1], KEYS[4], KEYS[5])
return removed
