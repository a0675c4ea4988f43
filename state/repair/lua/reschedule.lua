-- Finds jobs that say `scheduled` and stand in no list of delayed jobs; lets them be due now, because their time is lost.
-- Uses store/clock
-- KEYS
--   entries      entries of rq-scheduler (zset)
--   queues       queues that hold anything (set)
-- ARGV
--   repair       1 = repair, 0 = only look
--   now_ms       '' = server time
--   rq_prefix    prefix of RQ's keys
--   job_ids...
-- Returns the ids that stood in no such list. Expires nothing.
local now_s, found = math.floor(clock_ms(now_ms) / 1000), {}
for i = job_ids_at, #ARGV do
  local id = ARGV[i]
  local record = redis.pcall('HMGET', rq_prefix .. 'job:' .. id, 'status', 'origin', 'result_ttl')
  local status, origin, is_entry = record[1], record[2], record[3] == '-1'
  local registry = rq_prefix .. 'scheduled:' .. (origin or '')
  local kind = redis.call('TYPE', registry).ok
  if status == 'scheduled' and origin and not is_entry and (kind == 'zset' or kind == 'none')
    and not redis.call('ZSCORE', registry, id) and not redis.call('ZSCORE', entries, id) then
    found[#found + 1] = id
    if repair == '1' then
      redis.call('ZADD', registry, now_s, id)
      redis.call('SADD', queues, rq_prefix .. 'queue:' .. origin)
    end
  end
end
return found
