-- Dedup claims. A namespace has two keys: claims (zset: member → since, ms) and holders (hash: member → job id or direct owner).
-- Uses engine/job_state
-- Constants DIRECT, DIRECT_CLAIM_MS
-- Whether a holder still holds its claim: a job while it is not over, a direct call for a minute after it renewed the claim.
local function holds(holder, jobs, since_ms, now_ms)
  if alive(jobs .. holder) then return true end
  return string.sub(holder, 1, #DIRECT) == DIRECT and now_ms - (tonumber(since_ms) or 0) < DIRECT_CLAIM_MS
end
-- The keys of a namespace, from the key of all namespaces.
local function claim_keys(namespaces, namespace)
  local claims = namespaces .. ':' .. namespace
  return claims, claims .. ':jobs'
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
-- Frees a claim where this owner holds it.
local function free_claim(claims, holders, member, owner)
  if redis.call('HGET', holders, member) ~= owner then return false end
  redis.call('HDEL', holders, member)
  redis.call('ZREM', claims, member)
  return true
end
-- Frees the claim that a job's record names, as `namespace:member`. pcall: broken claims must not stop a job.
local function free_claim_of(namespaces, job_id, claim)
  local namespace, member = string.match(claim or '', '^([^:]*):(.*)$')
  if not namespace then return end
  local claims, holders = claim_keys(namespaces, namespace)
  pcall(free_claim, claims, holders, member, job_id)
end
