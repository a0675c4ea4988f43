-- Takes jobs out of the list of their owner that are over or gone: RQ's own tools cancel and delete without it.
-- Uses engine/job_state
-- KEYS
--   owned      jobs of an owner that are not over (zset: job id → since, ms)
-- ARGV
--   jobs       prefix of jobs
--   ids...     those to look at
-- Returns how many were taken out. Expires nothing.
local gone = {}
for i = ids_at, #ARGV do
  local seen, lives = pcall(alive, jobs .. ARGV[i])
  if not (seen and lives) then gone[#gone + 1] = ARGV[i] end
end
if gone[1] then redis.call('ZREM', owned, unpack(gone)) end
return #gone
