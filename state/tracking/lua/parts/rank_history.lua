-- The rank history of a keyword: records of 6 bytes, oldest first (state/tracking/history.py says what each byte holds).
-- Days are not compared as text: that would go by the server's locale.
local MOST_PAGES, PAGE_DROPPED, NO_PAGE = 254, '\254', 255
local function day_of(text, at) return string.byte(text, at) * 256 + string.byte(text, at + 1) end
local function is_known(record, at) return string.byte(record, at + 2) % 4 ~= 0 end
-- The page of a full list whose last rank is the oldest, counted from 0.
local function oldest_page(history)
  local last, oldest = {}, 0
  for at = 6, #history, 6 do last[string.byte(history, at)] = at end
  for i = 1, MOST_PAGES - 1 do if (last[i] or 0) < (last[oldest] or 0) then oldest = i end end
  return oldest
end
-- Marks the ranks that speak of a page: the page was dropped.
local function without_page(records, index)
  return (string.gsub(records, '......', function(record)
    return string.byte(record, 6) == index and string.sub(record, 1, 5) .. PAGE_DROPPED or nil
  end))
end
-- The index of a page in the list of pages. The list holds each address once, with the title of its newest rank.
-- In a full list the page takes the place of the one whose last rank is the oldest. Returns also both parts of the history.
local function page_index(list, page, head, tail)
  local address, pages = string.match(page, '^[^\t]*\t'), redis.call('LRANGE', list, 0, MOST_PAGES - 1)
  for i = #pages, 1, -1 do
    if pages[i] == page or (address ~= '\t' and string.sub(pages[i], 1, #address) == address) then
      if tail == '' and pages[i] ~= page then redis.call('LSET', list, i - 1, page) end
      return i - 1, head, tail
    end
  end
  if #pages < MOST_PAGES then return redis.call('RPUSH', list, page) - 1, head, tail end
  local oldest = oldest_page(head .. tail)
  redis.call('LSET', list, oldest, page)
  return oldest, without_page(head, oldest), without_page(tail, oldest)
end
-- Puts the record of a day in its place. A known rank of a day is never replaced by an unknown rank of the same day.
local function put_rank(ranks, pages, record, page)
  local history = redis.call('GET', ranks) or ''
  local day, at = day_of(record, 1), #history
  while at > 0 and day_of(history, at - 5) > day do at = at - 6 end
  local is_same_day = at > 0 and day_of(history, at - 5) == day
  if is_same_day and is_known(history, at - 5) and not is_known(record, 1) then return end
  local head, tail = string.sub(history, 1, is_same_day and at - 6 or at), string.sub(history, at + 1)
  local index = NO_PAGE
  if page ~= '' then index, head, tail = page_index(pages, page, head, tail) end
  redis.call('SET', ranks, head .. string.sub(record, 1, 5) .. string.char(index) .. tail)
end
