-- Dedup claims. A namespace has two keys: claims (zset: member → since, ms) and holders (hash: member → job id or direct owner).
-- Uses engine/job_state, engine/claim_keys
-- Constants DIRECT, DIRECT_CLAIM_MS
-- Whether a holder still holds its claim: a job while it is not over, a direct call for a minute after it renewed the claim.
local function holds(holder, jobs, since_ms, now_ms)
  if alive(jobs .. holder) then return true end
  return string.sub(holder, 1, #DIRECT) == DIRECT and now_ms - (tonumber(since_ms) or 0) < DIRECT_CLAIM_MS
end
-- Who holds a claim now; nil where nobody does. `now` is a function: it is only called where a claim is held.
local function holder_of(claims, holders, member, jobs, now)
  local holder = redis.call('HGET', holders, member)
  if holder and holds(holder, jobs, redis.call('ZSCORE', claims, member), now()) then return holder end
end
-- Writes a claim. The time goes as text, because Redis is slow to print the number of a script.
local function write_claim(claims, holders, member, owner, now_ms)
  redis.call('ZADD', claims, string.format('%d', now_ms), member)
  redis.call('HSET', holders, member, owner)
end
