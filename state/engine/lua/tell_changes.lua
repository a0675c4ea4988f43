-- Tells of changes of jobs that the engine did not run, once.
-- Uses store/clock, engine/counted_changes
-- KEYS
--   told        mark of this sending (string)
--   events      changes of jobs (stream)
-- ARGV
--   now_ms      '' = server time
--   hours       prefix of the counts of an hour
--   rows        what changed, a line a job (parts/job_changes.lua)
-- Returns 1, or 0 when it is sent again. Expires: the mark (60 s).
if not redis.call('SET', told, 1, 'NX', 'EX', 60) then return 0 end
tell_change(events, hours, clock_ms(now_ms), rows)
return 1
