-- Starts a ledger, or goes on with one that was stopped or cut: as many lanes as there are pages, up to its number of lanes.
-- Uses store/clock, scraping/lanes, scraping/ledger_news, scraping/ended_ledgers
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
--   path           the function of lanes
--   timeout_s      its time limit
--   jobs           prefix of jobs
--   queue_keys     prefix of queues
--   failure_ttl_s  how long RQ keeps a failed job
--   keep_s         how long the ledger is kept
--   max_pages      new bound ('' = as it is)
--   first          '1' = only a ledger that never ran
-- Returns the lanes started; -1 where there is no such ledger, -2 where it runs or ran already, or nothing is left. Expires: the ledger.
local state, lanes, queue, deadline_s, pending = unpack(redis.call('HMGET', ledger, 'state', 'lanes', 'queue', 'deadline_s', 'pending'))
if not state then return -1 end
if state == 'running' or (first ~= '' and state ~= 'opening') then return -2 end
pending = tonumber(pending or 0)
if state ~= 'opening' and pending == 0 then return -2 end
local now, book = clock_ms(now_ms), ledger_at(ledger, keep_s)
if max_pages ~= '' then redis.call('HSET', ledger, 'max_pages', max_pages) end
redis.call('HSET', ledger, 'state', 'running', 'deadline_ms', string.format('%d', now + deadline_s * 1000))
if state == 'opening' then
  redis.call('HSET', ledger, 'started_ms', string.format('%d', now))
  tell_wanted(events, now, ledger, id, 'started', 0)
end
redis.call('HDEL', ledger, 'cut', 'ended_ms', 'says')
list_as_live(ledgers, id, now)
local to = {id = id, queue = queue, path = path, timeout_s = timeout_s, jobs = jobs, queue_keys = queue_keys, queues = queues,
  wakeups = wakeups, failure_ttl_s = failure_ttl_s, now_iso = now_iso}
for name = 1, lanes do
  local lane = lane_of(book, name)
  if lane.round == 0 then
    write_lane(book, lane, 's', '0', '-')
    count(book, 'asleep', 1)
  end
end
local started = wake_lanes(book, math.max(1, math.min(pending, lanes)), to)
write_counts(book)
return started
