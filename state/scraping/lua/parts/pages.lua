-- Pages that a lane takes, and what came out of them.
-- Uses scraping/page_entries
-- Constants MOST_DEATHS
-- The page is over, as `name` counts it (done, skipped:<reason>, failed:<category>).
local function end_page(book, page, name, record)
  redis.call('HDEL', book.pages, page.n)
  count(book, name, 1); count(book, 'pending', -1)
  if record ~= '' then write(book, 'HSET', book.records, page.n, record) end
  book.ended[#book.ended + 1] = {page.n, name}
  local list = name == 'done' and book.finished or (name == 'skipped:robots' or string.find(name, '^failed:')) and book.problems
  if list then write(book, 'RPUSH', list, page.n) end
end
-- Counts for its pattern whether a page was new, had the text of others, or was no page of its own. A failure says nothing.
local function learn(book, page, what)
  if page.pattern == '' then return end
  write(book, 'HINCRBY', book.traps, page.pattern, 1); redis.call('HINCRBY', book.traps, page.pattern .. what, 1)
end
-- A worker died while it had this page: it is taken again, so often at most.
local function recover(book, page, now)
  page.deaths = page.deaths + 1
  if page.deaths >= MOST_DEATHS then
    return end_page(book, page, 'failed:system', cjson.encode({n = tonumber(page.n), url = page.url, outcome = 'failed',
      category = 'system', error = 'its worker died ' .. page.deaths .. ' times while it had this page'}))
  end
  write_page(book, page)
  push(book, page.host, page.n, true, now)
end
-- Takes the next page that may be fetched now; else says when one may be (nil = none is left), ms.
local function take(book, now, gap_ms)
  for _, n in ipairs(redis.call('ZRANGEBYSCORE', book.later, '-inf', now, 'LIMIT', 0, 20)) do
    local page = page_of(book, n)
    redis.call('ZREM', book.later, n)
    if page then push(book, page.host, n, true, now) end
  end
  local due = tonumber(redis.call('ZRANGE', book.later, 0, 0, 'WITHSCORES')[2])
  for _ = 1, 500 do
    local host, ready = unpack(redis.call('ZRANGE', book.hosts, 0, 0, 'WITHSCORES'))
    if not host then return nil, due end
    ready = tonumber(ready)
    if ready > now then return nil, math.min(ready, due or ready) end
    local n = redis.call('LPOP', book.host .. host)
    local page = n and page_of(book, n)
    if not n then
      redis.call('ZREM', book.hosts, host)
    elseif page and trap_of(book, page.pattern) then
      end_page(book, page, 'skipped:' .. trap_of(book, page.pattern), '')
    elseif page then
      local gap = redis.call('ZCARD', book.hosts) > 1 and gap_ms or 0 -- at a single host, lanes wait in the line of its gate
      redis.call('ZADD', book.hosts, string.format('%d', now + gap), host)
      return page
    end
  end
  return nil, now
end
