-- What a lane is given with a page, and how it gives a page back.
-- Uses scraping/pages
-- Constants SEGMENT_RECORDS, PACKING_MS, MOST_VIA
-- Whether records wait to be packed into an object, and nobody does it.
local function packs(book, now)
  if redis.call('HLEN', book.records) < SEGMENT_RECORDS then return 0 end
  local since = tonumber(string.match(redis.call('HGET', book.key, 'packer') or '', '^%d+') or 0)
  return now - since >= PACKING_MS and 1 or 0
end
-- What is known of a page that was fetched before, as recall.lua says it; nothing where it was never fetched.
local function recalled(page, prefix)
  if prefix == '' or page.mark == '' then return {} end
  local found = redis.pcall('HMGET', prefix .. page.mark, 'etag', 'modified', 'final_url', 'object', 'sha256', 'content_type')
  if found.err or not found[4] then return {} end
  for i = 1, 6 do found[i] = found[i] or '' end
  return found
end
-- The `via` of a page to which this one redirects.
local function via_of(page)
  return string.sub(':' .. page.mark .. page.via, 1, (#page.mark + 1) * MOST_VIA)
end
-- The page's host may not be asked before `until_ms`. Where another host may be, the lane goes on with that one; else it waits.
local function give_back(book, lane, page, now, until_ms)
  push(book, page.host, page.n, true, string.format('%d', now))
  if redis.call('ZCOUNT', book.hosts, '-inf', now) > 1 then
    redis.call('ZADD', book.hosts, string.format('%d', until_ms), page.host)
  else
    lane.waits_ms = until_ms
  end
end
