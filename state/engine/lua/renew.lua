-- Renews the leases of a worker's running jobs, in one call.
-- Uses store/clock
-- KEYS
--   leases        leases (zset: job:execution → end, ms)
-- ARGV
--   now_ms        '' = server time
--   lease_ms      how long they hold from now on
--   jobs          prefix of jobs
--   renewed...    leases of the worker
-- Returns {now (ms), {lost lease, ...}, {lease whose job was asked to stop, ...}}. Expires nothing.
local now, lost, asked = clock_ms(now_ms), {}, {}
for i = renewed_at, #ARGV do
  local lease = ARGV[i]
  if redis.call('ZADD', leases, 'XX', 'CH', now + lease_ms, lease) == 0 and not redis.call('ZSCORE', leases, lease) then
    lost[#lost + 1] = lease
  elseif redis.pcall('HEXISTS', jobs .. string.match(lease, '^(.*):'), 'cancel') == 1 then
    asked[#asked + 1] = lease
  end
end
return {string.format('%d', now), lost, asked}
