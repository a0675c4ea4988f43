-- One step of a lane: what came out of the page it held, the links found there, and the next page. All of it or nothing.
-- Uses store/clock, scraping/lanes, scraping/given, scraping/turn
-- Constants PENDING_SHARE, PENDING_LEAST, MOST_ALIKE
-- KEYS
--   ledger         the ledger (hash)
--   ledgers        ledgers that are not over (zset)
--   queues         rq:queues (set)
--   wakeups        wake-ups (list)
--   events         changes of jobs (stream)
-- ARGV
--   now_ms         '' = server time
--   now_iso        now, as RQ writes it
--   id             of the ledger
--   lane_name      a number
--   round          of the lane's job
--   token          distinguishes this step from all others
--   held           the token of the step that took the page of which this tells ('' = this tells of none)
--   outcome        done, skipped:<reason>, failed:<category>, retry, wait
--   delay_ms       retry, wait: until the page, or its host, may be tried again
--   record         what is kept of the page ('' = nothing)
--   content        hash of its text ('' = not looked at)
--   elapsed_ms     how long the page took
--   millicredits   what its provider charged, in thousandths of a credit, whatever came
--   goes_on        '1' = give the next page; '' = leave the lane to a new job at the end of the queue
--   gap_ms         between two pages of a host
--   path           the function of lanes
--   timeout_s      its time limit
--   jobs           prefix of jobs
--   queue_keys     prefix of queues
--   failure_ttl_s  how long RQ keeps a failed job
--   keep_s         how long the ledger is kept
--   kept_pages     prefix of pages that were fetched before ('' = they are not asked for)
--   offers...      5 for each page found: fingerprint, host, pattern, reason to skip it, URL
-- Returns {page, n, depth, attempts, URL, 1 where
--   records wait to be packed, 1 where the links were taken, its fingerprint where it was looked for among those that were fetched
--   before, what is known of it, those of pages that redirect to it} · {wait, ms} · {asleep} · {handed} · {over} · {lost} (another job has
--   this lane, or there is no such ledger: nothing was changed). Expires: all parts of the ledger.
local now, book = clock_ms(now_ms), ledger_at(ledger, keep_s)
local state, queue, max_pages, deadline_ms = unpack(redis.call('HMGET', ledger, 'state', 'queue', 'max_pages', 'deadline_ms'))
local lane = lane_of(book, lane_name)
if not state or tonumber(round) < lane.round then return {'lost'} end
local taken_offers = 0
local function given(page)
  return {'page', tonumber(page.n), tonumber(page.depth), tonumber(page.attempts), page.url, packs(book, now), taken_offers,
    kept_pages ~= '' and page.mark or '', recalled(page, kept_pages), page.via}
end
if lane.token == token then -- sent before
  if lane.n ~= '0' then return given(page_of(book, lane.n)) end
  return lane.state == 'w' and {'wait', '0'} or {state == 'over' and 'over' or 'asleep'}
end
if held ~= '' and (lane.token ~= held or lane.n == '0') then return {'lost'} end
local stamp, page = string.format('%d', now), lane.n ~= '0' and page_of(book, lane.n)
lane.round, book.most_pages = tonumber(round), tonumber(max_pages) * PENDING_SHARE + PENDING_LEAST
if lane.n ~= '0' then count(book, 'in_flight', -1) end
if page and held ~= '' then
  count(book, 'millicredits', tonumber(millicredits))
  if outcome ~= 'done' then count(book, 'millicredits_lost', tonumber(millicredits)) end
end
if page and held == '' then
  recover(book, page, stamp)
elseif page and outcome == 'wait' then
  give_back(book, lane, page, now, now + delay_ms)
  count(book, 'taken', -1)
elseif page and outcome == 'retry' then
  page.attempts = page.attempts + 1
  write_page(book, page)
  write(book, 'ZADD', book.later, string.format('%d', now + delay_ms), page.n)
  count(book, 'retries', 1)
elseif page then
  local alike = content ~= '' and redis.call('HINCRBY', book.contents, content, 1) or 1
  if alike == 1 and content ~= '' then redis.call('EXPIRE', book.contents, keep_s) end
  if alike > 1 then count(book, 'alike', 1) end
  end_page(book, page, outcome, record)
  if string.sub(outcome, 1, 7) ~= 'failed:' then
    learn(book, page, outcome ~= 'done' and ' other' or alike > 1 and ' alike' or ' new')
  end
  count(book, 'ms', tonumber(elapsed_ms))
  if alike <= MOST_ALIKE then
    offer_all(book, offers_at, page.depth + 1, stamp, outcome == 'skipped:redirect' and via_of(page))
    taken_offers = 1
  end
end
tell_pages(events, stamp, book, id)
lane.n = '0' -- told: a job that the lane is handed to holds no page
local to = {id = id, queue = queue, path = path, timeout_s = timeout_s, jobs = jobs, queue_keys = queue_keys, queues = queues,
  wakeups = wakeups, failure_ttl_s = failure_ttl_s, now_iso = now_iso}
return next_of(book, lane, to, {now = now, stamp = stamp, state = state, max_pages = tonumber(max_pages), given = given,
  deadline_ms = tonumber(deadline_ms), goes_on = goes_on ~= '', token = token, gap_ms = tonumber(gap_ms), ledgers = ledgers, events = events})
