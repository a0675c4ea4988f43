-- A ledger is the record of a batch or a crawl. Every page found stands in its counters once, at any time:
--   found = done + skipped:<reason> + failed:<category> + pending (pages to fetch, in flight, and to be tried again)
-- `in_flight` counts those of `pending` that a lane holds; `asleep` counts lanes without a job.
-- Parts: seen (set of fingerprints) · pages (n → depth, attempts, deaths, host, pattern, URL; only while pending) ·
--   hosts (host → when its next page may be taken, ms) · host:<host> (n in order) · later (n → when it is tried again, ms) ·
--   lanes (lane → round, state, n, token) · traps (pattern → pages tried, pages that were new) · contents (hash → pages) ·
--   records (n → what came out) · segments (objects that hold older records) ·
--   finished (n of pages that were done, as they ended) · problems (n of those that failed, or that robots.txt forbids) ·
--   claims (pages that gave way to others: state/scraping/claims.py)
local function ledger_at(key, keep_s)
  return {key = key, keep_s = keep_s, seen = key .. ':seen', pages = key .. ':pages', hosts = key .. ':hosts',
    host = key .. ':host:', later = key .. ':later', lanes = key .. ':lanes', traps = key .. ':traps',
    contents = key .. ':contents', records = key .. ':records', segments = key .. ':segments',
    finished = key .. ':finished', problems = key .. ':problems', counts = {}, touched = {}, ended = {}, pushed = 0}
end
local function write(book, verb, key, ...)
  redis.call(verb, key, ...)
  book.touched[key] = true
end
local function count(book, name, by)
  book.counts[name] = (book.counts[name] or 0) + by
end
-- A counter of the ledger, with what was counted in this call. All are read at once.
local COUNTERS = {'done', 'in_flight', 'taken', 'pending', 'asleep', 'last'}
local function number_of(book, name)
  if not book.read then
    book.read = {}
    for i, text in ipairs(redis.call('HMGET', book.key, unpack(COUNTERS))) do book.read[COUNTERS[i]] = tonumber(text or 0) end
  end
  return book.read[name] + (book.counts[name] or 0)
end
-- Writes what was counted, and how long what was written lives: whoever writes calls it at its end.
local function write_counts(book)
  for name, by in pairs(book.counts) do
    if by ~= 0 then redis.call('HINCRBY', book.key, name, by) end
  end
  book.touched[book.key] = true
  for key in pairs(book.touched) do redis.call('EXPIRE', key, book.keep_s) end
  book.counts, book.touched, book.read = {}, {}, nil
end
