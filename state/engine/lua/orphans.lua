-- Lists the claims of one namespace whose job is gone or over. Reads only.
-- KEYS[1] claims (zset, ms)  KEYS[2] holders (hash)
-- ARGV[1] now_ms ('' = server time)  ARGV[2] prefix of jobs
-- Returns {member, job, since (ms), ...}.
local now, found = clock_ms(ARGV[1]), {}
local holders = redis.call('HGETALL', KEYS[2])
for i = 1, #holders, 2 do
  local since = redis.call('ZSCORE', KEYS[1], holders[i]) or '0'
  if not holds(holders[i + 1], ARGV[2], since, now) then
    for _, value in ipairs({holders[i], holders[i + 1], since}) do found[#found + 1] = value end
  end
end
return found
