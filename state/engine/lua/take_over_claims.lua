-- Finds dedup claims whose job is gone or over, and gives each to a new holder, which will free it.
-- Uses store/clock, engine/claims
-- KEYS
--   claims      claims of the namespace (zset: member → since, ms)
--   holders     their holders (hash)
-- ARGV
--   now_ms      '' = server time
--   owner       the new holder; '' = only look
--   jobs        prefix of jobs
--   members...  members to look at
-- Returns {member, ...}. Expires nothing: a new holder that dies loses the claims after a minute.
local now, found = clock_ms(now_ms), {}
for i = members_at, #ARGV do
  local member = ARGV[i]
  local since, holder = redis.call('ZSCORE', claims, member), redis.call('HGET', holders, member)
  if (since or holder) and not (holder and holds(holder, jobs, since, now)) then
    found[#found + 1] = member
    if owner ~= '' then write_claim(claims, holders, member, owner, now) end
  end
end
return found
