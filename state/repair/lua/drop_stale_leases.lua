-- Finds leases of jobs that are gone, and leases too long to be ours; drops the first and lets the others run out.
-- KEYS[1] leases (zset: job:execution → end, ms)
-- ARGV[1] 1 = repair, 0 = only look  ARGV[2] now_ms ('' = server time)  ARGV[3] prefix of jobs  ARGV[4] longest there can be (ms)
-- ARGV[5] what they get (ms): whoever holds it renews before; then leases
-- Returns those leases. Expires nothing.
local now, found = clock_ms(ARGV[2]), {}
for i = 6, #ARGV do
  local ends = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[i]) or nil)
  local gone = ends and redis.call('EXISTS', ARGV[3] .. string.match(ARGV[i], '^(.-):?[^:]*$')) == 0
  if gone or (ends and ends > now + ARGV[4]) then
    found[#found + 1] = ARGV[i]
    if ARGV[1] == '1' and gone then redis.call('ZREM', KEYS[1], ARGV[i]) end
    if ARGV[1] == '1' and not gone then redis.call('ZADD', KEYS[1], now + ARGV[5], ARGV[i]) end
  end
end
return found
