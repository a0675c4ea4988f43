-- Sorts out jobs that may stand where they should not. Those that stand where they should are left out. Reads only.
-- An entry of the schedule is kept for ever (result_ttl -1), and is none of them.
-- Uses repair/lease_members
-- KEYS
--   leases       job:execution → end (zset, ms)
--   entries      entries of rq-scheduler (zset)
-- ARGV
--   rq_prefix    prefix of RQ's keys
--   our_queues   names of our queues, each between commas
--   job_ids...
-- Returns three lists: ids that say `queued`, ids that say `started` and hold no lease,
--   ids that say `scheduled` and stand in no list of delayed jobs.
local queued, started, delayed, leased = {}, {}, {}, nil
local function has_lease(id)
  leased = leased or leased_jobs(leases)
  return leased[id]
end
for i = job_ids_at, #ARGV do
  local id = ARGV[i]
  local record = redis.pcall('HMGET', rq_prefix .. 'job:' .. id, 'status', 'origin', 'result_ttl', 'prefetched')
  local status, origin, is_entry, prefetched = record[1], record[2], record[3] == '-1', record[4]
  if not (origin and string.find(our_queues, ',' .. origin .. ',', 1, true)) then status = nil end
  if status == 'queued' and not (prefetched and has_lease(id)) then
    queued[#queued + 1] = id
  elseif status == 'started' and not has_lease(id) then
    started[#started + 1] = id
  elseif status == 'scheduled' and not is_entry and not redis.call('ZSCORE', entries, id)
    and not redis.pcall('ZSCORE', rq_prefix .. 'scheduled:' .. origin, id) then
    delayed[#delayed + 1] = id
  end
end
return {queued, started, delayed}
