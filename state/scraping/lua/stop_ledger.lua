-- Stops a ledger: pages in flight end, no other is taken; what is pending stays.
-- Uses store/clock, scraping/ledger_news, scraping/ended_ledgers
-- KEYS
--   ledger   the ledger (hash)
--   ledgers  ledgers that are not over (zset)
--   events   changes of jobs (stream)
-- ARGV
--   now_ms   '' = server time
--   id       of the ledger
--   says     why
-- Returns the state it was in ('' = there is none).
local state = redis.call('HGET', ledger, 'state')
if state == 'running' or state == 'opening' then
  redis.call('HSET', ledger, 'state', 'stopped', 'says', says)
  local now = clock_ms(now_ms)
  list_as_ended(ledgers, ledger, id, now)
  tell_ledger(events, string.format('%d', now), ledger, id, 'halted')
end
return state or ''
