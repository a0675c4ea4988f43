-- Takes a dedup claim for an owner, or tells who holds it.
-- Uses store/clock, engine/claims
-- KEYS
--   claims      claims of the namespace (zset: member → since, ms)
--   holders     their holders (hash)
--   namespaces  claim namespaces (set)
-- ARGV
--   now_ms      '' = server time
--   namespace   the claim's namespace
--   member      the claim's member
--   owner       who wants it: a job's id or a direct owner
--   jobs        prefix of jobs
-- Returns '' where the owner holds the claim now, else its holder. Expires nothing: a claim ends with its owner (release, record).
local now = clock_ms(now_ms)
if redis.call('HGET', holders, member) == owner then return '' end
local holder = holder_of(claims, holders, member, jobs, function() return now end)
if holder then return holder end
redis.call('SADD', namespaces, namespace)
write_claim(claims, holders, member, owner, now)
return ''
