-- Writes beside the data of jobs, which RQ compressed, the function they call: scripts cannot read it there.
-- KEYS[1] a job, KEYS[2..] others
-- ARGV[1] its function, ARGV[2..] theirs
-- Returns how many of the jobs are still there.
-- Expires nothing.
local there = 0
for i, job in ipairs(KEYS) do
  if redis.call('EXISTS', job) == 1 then
    redis.call('HSET', job, 'function', ARGV[i])
    there = there + 1
  end
end
return there
