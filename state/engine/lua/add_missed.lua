-- Puts a change into the outbox that came before anybody wanted it.
-- Uses store/clock, engine/outbox
-- KEYS
--   events      changes of jobs (stream)
-- ARGV
--   now_ms      '' = server time
--   row         as in parts/job_changes.lua
-- Returns 1. Expires nothing.
put_in_outbox(events, clock_ms(now_ms), row)
return 1
