-- Makes the record of a batch or a crawl, which takes pages but does not run yet.
-- Uses store/clock, scraping/ledger
-- KEYS
--   ledger     the ledger (hash)
--   ledgers    ledgers that are not over (zset)
--   pages      pages of its owner in this month (hash), where they must be reserved before (the ledger = they need not)
-- ARGV
--   id         of the ledger
--   now_ms     '' = server time
--   keep_s     how long it is kept
--   fields...  names and values
-- Returns 1; 0 where it is there already, -1 where its pages are not reserved, and nothing was changed. Expires: the ledger.
if redis.call('EXISTS', ledger) == 1 then return 0 end
if pages ~= ledger and redis.call('HEXISTS', pages, id) == 0 then return -1 end
local book = ledger_at(ledger, keep_s)
write(book, 'HSET', ledger, 'state', 'opening', unpack(ARGV, fields_at))
redis.call('ZADD', ledgers, string.format('%d', clock_ms(now_ms) + keep_s * 1000), id) -- it has no lane yet that could be quiet
write_counts(book)
return 1
