-- The dedup claim of an occurrence's job.
-- Uses engine/claims
-- Constants CLAIM_NAMESPACES, JOB_PREFIX
local function is_claimed_elsewhere(namespace, member, job_id, now_ms)
  local claims, holders = claim_keys(CLAIM_NAMESPACES, namespace)
  local holder = holder_of(claims, holders, member, JOB_PREFIX, function() return now_ms end)
  return holder and holder ~= job_id
end
local function take_claim(namespace, member, job_id, now_ms)
  local claims, holders = claim_keys(CLAIM_NAMESPACES, namespace)
  redis.call('SADD', CLAIM_NAMESPACES, namespace)
  write_claim(claims, holders, member, job_id, now_ms)
end
