-- The job of a lease, which is written job:execution.
local function job_of(lease) return string.match(lease, '^(.-):?[^:]*$') end
-- Jobs that hold a lease, as a table: id → true.
local function leased_jobs(leases)
  local found = {}
  for _, lease in ipairs(redis.call('ZRANGE', leases, 0, -1)) do found[job_of(lease)] = true end
  return found
end
