-- Pages that were found: each is counted once, and waits in the list of its host unless there is a reason to skip it.
-- Uses scraping/ledger
-- Constants TRAP_TRIES, TRAP_SHARE
-- Why pages of a pattern are skipped (nil = they are not): enough were tried, and next to none was new. 'alike': most had the text of
-- others but for its figures, so they may matter; else 'trap'.
local function trap_of(book, pattern)
  if pattern == '' then return nil end
  local seen = redis.call('HMGET', book.traps, pattern, pattern .. ' new', pattern .. ' alike')
  local tried, new, alike = tonumber(seen[1] or 0), tonumber(seen[2] or 0), tonumber(seen[3] or 0)
  if tried < TRAP_TRIES or new * TRAP_SHARE >= tried then return nil end
  return alike * 2 > tried and 'alike' or 'trap'
end
local function push(book, host, n, at_front, now)
  write(book, at_front and 'LPUSH' or 'RPUSH', book.host .. host, n)
  if redis.call('ZADD', book.hosts, 'NX', now, host) == 1 then redis.call('EXPIRE', book.hosts, book.keep_s) end
  book.pushed = book.pushed + 1
end
local function hex(bytes)
  return string.format(string.rep('%02x', #bytes), string.byte(bytes, 1, -1))
end
-- Offers the page that stands at `i`: fingerprint, host, pattern, reason to skip it ('' = none), URL. `via`: see pages.lua.
local function offer(book, i, depth, now, via)
  local fingerprint, host, pattern, reason, url = unpack(ARGV, i, i + 4)
  if redis.call('SADD', book.seen, fingerprint) == 0 then return end
  count(book, 'found', 1)
  if reason == '' then reason = trap_of(book, pattern) or '' end
  if reason == '' and book.most_pages and number_of(book, 'last') >= book.most_pages then reason = 'limit' end
  if reason ~= '' then return count(book, 'skipped:' .. reason, 1) end
  count(book, 'last', 1)
  local n = string.format('%d', number_of(book, 'last'))
  write(book, 'HSET', book.pages, n, table.concat({depth, 0, 0, host, pattern .. '\31' .. hex(fingerprint) .. via, url}, '\t'))
  push(book, host, n, false, now)
  count(book, 'pending', 1)
end
local function offer_all(book, first, depth, now, via)
  for i = first, #ARGV, 5 do offer(book, i, depth, now, via or '') end
  redis.call('EXPIRE', book.seen, book.keep_s)
end
