-- Adds pages to a ledger, each once.
-- Uses store/clock, scraping/offers
-- KEYS
--   ledger     the ledger (hash)
-- ARGV
--   now_ms     '' = server time
--   keep_s     how long it is kept
--   depth      of these pages
--   offers...  5 for each page: fingerprint, host, pattern, reason to skip it ('' = none), URL
-- Returns the pages found so far; -1 where there is no such ledger. Expires: the ledger and its parts.
if redis.call('EXISTS', ledger) == 0 then return -1 end
local book = ledger_at(ledger, keep_s)
offer_all(book, offers_at, depth, string.format('%d', clock_ms(now_ms)))
write_counts(book)
return tonumber(redis.call('HGET', ledger, 'found') or 0)
