-- Dedup claims of jobs that are submitted.
-- Uses engine/claims
-- Constants JOB_PREFIX
-- The reply to a job whose claim a live job holds; nil where none does, then the keys of its claims. `now` is a function.
local function reply_of_holder(namespaces, namespace, member, data, now)
  local claims, holders = claim_keys(namespaces, namespace)
  local holder = holder_of(claims, holders, member, JOB_PREFIX, now)
  if not holder then return nil, claims, holders end
  local other = redis.call('HGET', JOB_PREFIX .. holder, 'data')
  if other == data then redis.call('HINCRBY', JOB_PREFIX .. holder, 'duplicates', 1) end -- for people: a second sending may count twice
  return (other and other ~= data) and '!' .. holder or holder
end
