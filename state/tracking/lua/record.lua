-- Ends one check of a keyword in one step: its rank is stored, its next due time set, and its claim freed.
-- Uses store/clock, tracking/due, tracking/rank_history, tracking/serp_summaries
-- KEYS
--   keyword              the keyword (hash)
--   ranks                its rank history (string)
--   pages                pages that the history speaks of (list)
--   serps                what its checks saw (string)
--   last_error           its last failure (string)
--   claims               claimed keywords (zset, ms)
--   claim_jobs           claimed keyword → job (hash)
--   failed               keywords whose last check failed (zset, s)
--   ring                 projects with due keywords (zset, virtual time)
--   waiting              the other active projects (zset, s)
--   count                checks of this minute (string); the minute is the number at its end
-- ARGV
--   now_ms               '' = server time
--   keyword_id
--   owner                who holds the claim; '' = keep claims as they are
--   outcome              read, failed, released, or reparsed (only the rank is stored)
--   record               the rank of the day (6 bytes), '' = none
--   page                 the page that the rank speaks of, '' = none
--   serp                 what the check saw (a day in the form of `serps`), '' = nothing
--   serp_days            days of which that is kept
--   every_s              seconds between checks
--   again_in_s           failed, released: seconds to the next attempt
--   failures_in_a_row    failures until the next regular time is awaited
--   error                the error to keep (JSON)
--   error_lifetime_s
--   project_prefix
--   following_s          the next regular due time, '' = on the grid of the last one
-- Returns 'recorded', 'lost' (another owner holds the claim: nothing was changed) or 'gone' (no such keyword).
-- Expires: the last error, the count.
if owner ~= '' then
  if redis.call('HGET', claim_jobs, keyword_id) ~= owner then return 'lost' end
  redis.call('HDEL', claim_jobs, keyword_id)
  redis.call('ZREM', claims, keyword_id)
end
if redis.call('EXISTS', keyword) == 0 then return 'gone' end
if record ~= '' then put_rank(ranks, pages, record, page) end
if serp ~= '' then put_summaries(serps, serp, tonumber(serp_days)) end
if outcome == 'reparsed' then return 'recorded' end

local now, every = math.floor(clock_ms(now_ms) / 1000), tonumber(every_s)
local due_before = redis.call('HGET', keyword, 'd')
local slot = tonumber(due_before or now)
local regular = slot > now and slot or tonumber(following_s) or slot + every * (math.floor((now - slot) / every) + 1)
local due = due_before or 0

-- Each keyword counts once an hour, with its last check.
local function count_check()
  local checked_before = tonumber(redis.call('HGET', keyword, 's') or nil)
  if checked_before and now - checked_before < 3600 then
    local counted = string.gsub(count, '%d+$', string.format('%d', math.floor(checked_before / 60)))
    if tonumber(redis.call('GET', counted) or 0) > 0 then redis.call('DECR', counted) end
  end
  redis.call('INCR', count)
  redis.call('EXPIRE', count, 7200)
end

if outcome == 'read' then
  count_check()
  redis.call('HSET', keyword, 'd', regular, 's', now)
  redis.call('HDEL', keyword, 'f', 'a')
  redis.call('ZREM', failed, keyword_id)
  redis.call('DEL', last_error)
  due = regular
elseif outcome == 'failed' then
  local failures = redis.call('HINCRBY', keyword, 'f', 1)
  redis.call('HSET', keyword, 'a', now)
  redis.call('ZADD', failed, now, keyword_id)
  redis.call('SET', last_error, error, 'EX', error_lifetime_s)
  due = slot > now and slot or now + again_in_s -- a check by hand, before its time, is not retried before it
  if failures % failures_in_a_row == 0 then
    due = regular
    redis.call('HSET', keyword, 'd', regular)
  end
elseif tonumber(again_in_s) > 0 then
  due = now + again_in_s
end

local belongs = redis.call('HMGET', keyword, 'p', 'x')
local project_id, is_archived = belongs[1], belongs[2]
local project = project_prefix .. project_id
if not is_archived and redis.call('EXISTS', project) == 1 then
  redis.call('ZADD', project .. ':due', due, keyword_id)
  refresh(project_id, project, ring, waiting)
end
return 'recorded'
