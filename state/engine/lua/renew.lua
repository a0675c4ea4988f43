-- Renews the leases of a worker's running jobs, in one call.
-- KEYS[1] leases (zset: job:execution → end, ms)
-- ARGV[1] now_ms ('' = server time)  ARGV[2] lease (ms)  ARGV[3] prefix of jobs; then job:execution, ...
-- Returns {now_ms, {lost job:execution, ...}, {jobs asked to stop, ...}}.
-- Expires nothing.
local now, lost, asked = clock_ms(ARGV[1]), {}, {}
for i = 4, #ARGV do
  if redis.call('ZADD', KEYS[1], 'XX', 'CH', now + ARGV[2], ARGV[i]) == 0 and not redis.call('ZSCORE', KEYS[1], ARGV[i]) then
    lost[#lost + 1] = ARGV[i]
  elseif redis.pcall('HEXISTS', ARGV[3] .. string.match(ARGV[i], '^(.*):'), 'cancel') == 1 then
    asked[#asked + 1] = ARGV[i]
  end
end
return {string.format('%d', now), lost, asked}
