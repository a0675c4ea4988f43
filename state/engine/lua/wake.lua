-- Wakes idle workers: jobs wait that nobody announced.
-- Uses engine/wakeups
-- KEYS
--   wakeups     wake-ups (list)
-- ARGV
--   count       how many workers
-- Returns nothing. Expires: wake-ups.
wake(wakeups, tonumber(count))
