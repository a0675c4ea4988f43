-- Closes the breaker of a host or provider, and forgets that it asked for a pause; who waits first is called.
-- Uses store/clock, scraping/gate_keys, scraping/next_in_line
-- Constants CALLED
-- KEYS
--   gate       of the host or provider (hash)
--   wakeups    wake-ups (list)
-- ARGV
--   now_ms     '' = server time
--   rq         prefix of RQ's keys
-- Returns 1 where that changed anything. Expires: nothing new.
local now, f = clock_ms(now_ms), hash_of(gate, 'delay', 'sent')
local removed = redis.call('HDEL', gate, 'open_until', 'probe', 'probe_until', 'seen', 'openings', 'closed_at', 'hold')
local line = line_of(gate, '', math.max(1, number(f[1])), 0)
call_next(line, math.max(now, number(f[2]) + number(f[1])), now, CALLED, rq, wakeups)
return removed > 0 and 1 or 0
