-- Has the outbox read where anything waits in it and nobody is on its way.
-- Uses store/clock, engine/outbox
-- KEYS
--   events      changes of jobs (stream)
-- ARGV
--   now_ms      '' = server time
-- Returns 1 where a job was put into its queue, else 0. Expires: the mark (60 s).
local entry = redis.call('XREVRANGE', events .. ':outbox', '+', '-', 'COUNT', 1)[1]
if not entry then return 0 end
local now = clock_ms(now_ms)
local id = 'webhooks-' .. entry[1] .. '-' .. string.format('%d', now)
return rouse(events .. ':roused', now, {id = id, path = DISPATCH, argument = entry[1], timeout_s = DISPATCH_S}) and 1 or 0
