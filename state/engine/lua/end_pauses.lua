-- Removes pauses whose time is over. Nobody obeys them any more; whoever polls removes them, too (promote).
-- Uses store/clock, engine/pause_ends
-- KEYS
--   pauses      what is paused (hash: scope → JSON)
--   ends        when pauses end (zset: scope → ms)
--   wakeups     wake-ups (list)
-- ARGV
--   now_ms      '' = server time
-- Returns nothing. Expires: wake-ups.
end_pauses(pauses, ends, clock_ms(now_ms), wakeups)
