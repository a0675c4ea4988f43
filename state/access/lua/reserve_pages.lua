-- Takes pages from the month of an API key for jobs, before they are queued: for all of them, or for none where too few are left.
-- So nobody is refused for pages that another call took only to give them back. Safe to send twice, also with the jobs.
-- KEYS
--   pages       pages of the key in this month (hash: =taken, =fetched, job → reserved, base, since)
--   key         the key (hash)
--   records...  the jobs; of one that goes on, a key that is never there
-- ARGV
--   base        pages that they had fetched before
--   since_s     now
--   keep_s      how long the month is kept
--   reserved... 2 for each job: its id, pages it may fetch
-- Returns {1, or 0 where too few are left; pages that are left, -1 = no limit}. Expires: the month.
local most = tonumber(redis.call('HGET', key, 'pages_a_month') or 0)
local left = most > 0 and math.max(0, most - tonumber(redis.call('HGET', pages, '=taken') or 0)) or -1
local new, wanted = {}, 0
for i = 0, #KEYS - records_at do
  local job, count = ARGV[reserved_at + 2 * i], ARGV[reserved_at + 2 * i + 1]
  -- one that was queued before has its pages
  if redis.call('HEXISTS', pages, job) == 0 and redis.call('EXISTS', KEYS[records_at + i]) == 0 then
    new[#new + 1] = {job, count}
    wanted = wanted + tonumber(count)
  end
end
if most > 0 and wanted > left then return {0, left} end
for _, one in ipairs(new) do
  redis.call('HINCRBY', pages, '=taken', one[2])
  redis.call('HSET', pages, one[1], one[2] .. ' ' .. base .. ' ' .. since_s)
end
if #new > 0 then redis.call('EXPIRE', pages, keep_s) end
return {1, most > 0 and left - wanted or -1}
