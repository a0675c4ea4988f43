-- Lists the claims of one namespace whose job is gone or over. Reads only.
-- Uses store/clock, engine/claims
-- KEYS
--   claims      claims (zset: member → since, ms)
--   holders     their holders (hash)
-- ARGV
--   now_ms      '' = server time
--   jobs        prefix of jobs
-- Returns {member, job, since (ms), ...}. Expires nothing.
local now, found = clock_ms(now_ms), {}
local held = redis.call('HGETALL', holders)
for i = 1, #held, 2 do
  local member, holder = held[i], held[i + 1]
  local since = redis.call('ZSCORE', claims, member) or '0'
  if not holds(holder, jobs, since, now) then
    for _, value in ipairs({member, holder, since}) do found[#found + 1] = value end
  end
end
return found
