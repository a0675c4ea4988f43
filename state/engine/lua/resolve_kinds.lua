-- Writes the function of jobs beside their data. RQ compressed those data, so that no script can read the function there.
-- KEYS
--   jobs...       jobs (hashes)
-- ARGV
--   functions...  the function of each job
-- Returns how many of the jobs still exist. Expires nothing.
local found = 0
for i = jobs_at, #KEYS do
  if redis.call('EXISTS', KEYS[i]) == 1 then
    redis.call('HSET', KEYS[i], 'function', ARGV[functions_at + i - jobs_at])
    found = found + 1
  end
end
return found
