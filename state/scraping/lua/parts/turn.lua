-- What a lane does next.
-- Uses scraping/lanes, scraping/pages, scraping/ledger_news, scraping/ended_ledgers
-- Nothing can be taken any more, and no lane holds a page: the ledger is over.
local function end_if_over(book, at, id, is_cut)
  if number_of(book, 'in_flight') > 0 or (number_of(book, 'pending') > 0 and not is_cut) then return 'asleep' end
  redis.call('HSET', book.key, 'state', 'over', 'ended_ms', at.stamp)
  list_as_ended(at.ledgers, book.key, id, at.now)
  tell_ledger(at.events, at.stamp, book.key, id, 'over')
  return 'over'
end
local function wait(book, lane, until_ms, at)
  write_lane(book, lane, 'w', '0', at.token)
  write_counts(book)
  return {'wait', string.format('%d', until_ms - at.now)}
end
local function sleep(book, lane, verb, token)
  write_lane(book, lane, 's', '0', token)
  count(book, 'asleep', 1)
  write_counts(book)
  return {verb}
end
local function next_of(book, lane, to, at)
  if at.state ~= 'running' then return sleep(book, lane, 'over', at.token) end
  if lane.state == 'w' then write_lane(book, lane, 'r', '0', at.token) end -- else nobody would be seen to watch but itself
  redis.call('ZADD', at.ledgers, at.stamp, to.id)
  local in_flight = number_of(book, 'in_flight')
  local cut = number_of(book, 'done') + in_flight >= at.max_pages and 'limit'
    or number_of(book, 'taken') >= 5 * at.max_pages + 100 and 'requests' or at.now > at.deadline_ms and 'deadline'
  local is_cut = cut and number_of(book, 'pending') > in_flight -- else nothing is left out
  if is_cut then
    redis.call('HSET', book.key, 'cut', cut)
  else
    if book.pushed > 0 and number_of(book, 'asleep') > 0 then wake_lanes(book, book.pushed, to) end
    if not at.goes_on then
      lane.n = '0' -- else the next job of the lane took the page for one that was lost
      start_lane(book, lane, to)
      write_counts(book)
      return {'handed'}
    end
    if lane.waits_ms then
      return wait(book, lane, lane.waits_ms, at)
    end
    local page, ready_ms = take(book, at.now, at.gap_ms)
    if page then
      write_lane(book, lane, 'r', page.n, at.token)
      count(book, 'in_flight', 1)
      count(book, 'taken', 1)
      if number_of(book, 'asleep') > 0 and number_of(book, 'pending') > in_flight + 1 and watchers(book) == 0 then
        wake_lanes(book, 1, to)
      end
      write_counts(book)
      return at.given(page)
    end
    local until_ms = ready_ms and watch_until(book, ready_ms, at.now)
    if until_ms then return wait(book, lane, until_ms, at) end
  end
  sleep(book, lane, 'asleep', at.token)
  return {end_if_over(book, at, to.id, is_cut)}
end
