-- Finds leases of jobs that are gone, and leases longer than any of ours. Drops the first, and lets the others end soon.
-- Uses store/clock, repair/lease_members
-- KEYS
--   leases          job:execution → end (zset, ms)
-- ARGV
--   repair          1 = repair, 0 = only look
--   now_ms          '' = server time
--   job_prefix
--   longest_ms      the longest lease there can be
--   new_lease_ms    what too long a lease gets: its holder renews it before
--   members...      leases to look at
-- Returns the leases that were wrong. Expires nothing.
local now, found = clock_ms(now_ms), {}
for i = members_at, #ARGV do
  local lease = ARGV[i]
  local ends = tonumber(redis.call('ZSCORE', leases, lease) or nil)
  local is_gone = ends and redis.call('EXISTS', job_prefix .. job_of(lease)) == 0
  if is_gone or (ends and ends > now + longest_ms) then
    found[#found + 1] = lease
    if repair == '1' and is_gone then redis.call('ZREM', leases, lease) end
    if repair == '1' and not is_gone then redis.call('ZADD', leases, now + new_lease_ms, lease) end
  end
end
return found
