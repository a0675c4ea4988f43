-- What becomes of a ledger, told in the stream of events as what becomes of a job: `kind` is batch or crawl. It is counted nowhere.
-- Uses engine/wanted
-- Constants MOST_EVENTS
local function tell_ledger(events, now, ledger, id, outcome)
  local kind, owner = unpack(redis.call('HMGET', ledger, 'kind', 'owner'))
  local row = (kind or '') .. '|' .. outcome .. '||0\t0\t' .. id .. (owner and '\t\t\t\t\t' .. owner or '') .. '\n'
  redis.pcall('XADD', events, 'MAXLEN', '~', MOST_EVENTS, '*', 't', now, 'r', row)
  keep_wanted(events, tonumber(now), row)
end
-- Starts and pages are told to those who want them, and stand in no stream else. Of a page, the row has its number in place of ms.
local function tell_wanted(events, now, ledger, id, what, number)
  if redis.call('EXISTS', events .. ':wanted') == 0 then return end
  local kind, owner = unpack(redis.call('HMGET', ledger, 'kind', 'owner'))
  local tail = '\t' .. id .. (owner and '\t\t\t\t\t' .. owner or '') .. '\n'
  keep_wanted(events, tonumber(now), (kind or '') .. '|' .. what .. '||0\t' .. number .. tail, what)
end
-- Pages that were read, or failed, in this step.
local function tell_pages(events, now, book, id)
  for _, page in ipairs(book.ended) do
    if page[2] == 'done' or string.sub(page[2], 1, 7) == 'failed:' then tell_wanted(events, now, book.key, id, 'page', page[1]) end
  end
end
