-- The end of a dedup claim.
-- Uses engine/claim_keys
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
