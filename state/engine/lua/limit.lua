-- Limits how many jobs of a kind run at a time, over all workers, or takes its limit away.
-- KEYS[1] limits (hash: kind → most)  KEYS[2] kinds (hash: function → kind)  KEYS[3] leases (zset: job:execution → end, ms)
-- KEYS[4] runs of the kind (zset: job:execution)  KEYS[5] wake-ups (list)
-- ARGV[1] kind  ARGV[2] most ('' = no limit: the entry goes when none of the kind waits any more, see lease)  ARGV[3] prefix of jobs
-- Returns jobs that run and whose functions must be revealed: call it again then, to count them.
-- Expires nothing.
local hidden, leases = {}, redis.call('ZRANGE', KEYS[3], 0, -1, 'WITHSCORES')
for i = 1, #leases, 2 do
  local id = string.match(leases[i], '^(.-):?[^:]*$')
  local seen = redis.pcall('HMGET', ARGV[3] .. id, 'data', 'function')
  local kind = seen[1] and kind_of(seen[1], seen[2], KEYS[2])
  if kind == ARGV[1] then redis.call('ZADD', KEYS[4], leases[i + 1], leases[i]) end
  if kind == nil then hidden[#hidden + 1] = id end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
wake(KEYS[5], 64)
return hidden
