-- Takes pages from the month of an API key for a job, before it is queued. Safe to send twice, also with the job.
-- KEYS
--   pages       pages of the key in this month (hash: =taken, =fetched, job → reserved, base, since)
--   key         the key (hash)
--   record      the job; of one that goes on, a key that is never there
-- ARGV
--   job         its id
--   count       pages it may fetch
--   base        pages it had fetched before
--   since_s     now
--   keep_s      how long the month is kept
-- Returns {1, or 0 where too few are left; pages that are left, -1 = no limit}. Expires: the month.
local most = tonumber(redis.call('HGET', key, 'pages_a_month') or 0)
local taken = tonumber(redis.call('HGET', pages, '=taken') or 0)
local left = most > 0 and math.max(0, most - taken) or -1
if redis.call('HEXISTS', pages, job) == 1 then return {1, left} end
if redis.call('EXISTS', record) == 1 then return {1, left} end -- it was queued before
if most > 0 and tonumber(count) > left then return {0, left} end
redis.call('HINCRBY', pages, '=taken', count)
redis.call('HSET', pages, job, count .. ' ' .. base .. ' ' .. since_s)
redis.call('EXPIRE', pages, keep_s)
return {1, most > 0 and left - count or -1}
