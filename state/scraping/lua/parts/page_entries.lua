-- The entries of pages that wait: depth, attempts, deaths, host, pattern, URL. With the pattern stand the fingerprint of the page
-- and `via`: ':' and that of each page that redirects here, the last one first.
-- Uses scraping/offers
local ENTRY = '^(%d+)\t(%d+)\t(%d+)\t([^\t]*)\t([^\t]*)\t(.*)$'
local function page_of(book, n)
  local text = redis.call('HGET', book.pages, n)
  if not text then return end
  local depth, attempts, deaths, host, pattern, url = string.match(text, ENTRY)
  local plain, mark, via = string.match(pattern, '^([^\31]*)\31?(%x*)(.*)$')
  return {n = n, depth = depth, attempts = attempts, deaths = deaths, host = host, pattern = plain, url = url, mark = mark,
    via = via, marked = pattern}
end
local function write_page(book, page)
  write(book, 'HSET', book.pages, page.n, table.concat({page.depth, page.attempts, page.deaths, page.host, page.marked,
    page.url}, '\t'))
end
