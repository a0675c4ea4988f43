-- Gives a holder another moment: one that comes late to its own, where others may have been granted theirs by the first; or one
-- that was sent on within the host.
-- Uses store/clock, scraping/host_gate
-- KEYS
--   gate        of the host (hash)
--   in_flight   who is at the host (zset: holder and token → end of its lease, ms)
-- ARGV
--   now_ms      '' = server time
--   member      holder and token
--   delay_ms    between two requests to the host
--   lease_ms
--   least_ms    not earlier than so long from now
--   late_ms     so much later than its moment, beyond the slack, it may send: others keep away from that time too
-- Returns ms until the request may be sent; -1 = its lease has ended. Expires: nothing new.
local now = clock_ms(now_ms)
local ends = tonumber(sorted('ZSCORE', in_flight, member) or '')
if not ends or ends <= now then return -1 end
local f = hash_of(gate, 'sent', 'delay')
local sent, at = number(f[1]), now
local delay = math.max(tonumber(delay_ms), number(f[2])) -- that of the host was set by hand
if sent > ends - lease_ms then at = math.max(now, sent + apart_ms(delay, true)) end
at = math.max(at, now + tonumber(least_ms))
redis.call('HSET', gate, 'sent', ms(math.max(sent, at + tonumber(late_ms))))
redis.call('ZADD', in_flight, ms(at + lease_ms), member)
return at - now
