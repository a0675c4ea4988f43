-- Wakes idle workers: jobs wait that nobody announced.
-- KEYS[1] wake-ups (list)
-- ARGV[1] how many
-- Returns nothing. Expires: wake-ups (60 s).
wake(KEYS[1], tonumber(ARGV[1]))
