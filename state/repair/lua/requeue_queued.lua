-- Finds jobs that say `queued` and stand in no queue; puts them at the front of their queue.
-- Jobs in quarantine, and those of a queue whose key is broken, are left alone.
-- Uses engine/wakeups
-- KEYS
--   quarantine   what was no job (hash)
--   wakeups      one entry for each worker to wake (list)
--   queues       queues that hold anything (set)
--   leases       job:execution → end (zset, ms)
-- ARGV
--   repair       1 = repair, 0 = only look
--   rq_prefix    prefix of RQ's keys
--   job_ids...   newest first
-- Returns the ids that stood in no queue. Expires: the wake-ups.
local function absent_from(list, ids)
  local kind, is_missing, absent = redis.call('TYPE', list).ok, {}, {}
  if kind ~= 'list' then return kind == 'none' and ids or {} end
  local are_many = #ids > 10 -- one walk along the list is cheaper then than a search for each
  for _, id in ipairs(ids) do is_missing[id] = are_many or not redis.call('LPOS', list, id) end
  for at = 0, are_many and redis.call('LLEN', list) - 1 or -1, 1000 do
    for _, id in ipairs(redis.call('LRANGE', list, at, at + 999)) do is_missing[id] = is_missing[id] and false end
  end
  for _, id in ipairs(ids) do if is_missing[id] then absent[#absent + 1] = id end end
  return absent
end
local function put_at_front(list, id)
  redis.call('LPUSH', list, id)
  redis.call('SADD', queues, list)
  redis.call('HDEL', rq_prefix .. 'job:' .. id, 'turn') -- it has no turn there now
end
local by_list, found = {}, {}
for i = job_ids_at, #ARGV do
  local id = ARGV[i]
  local record = redis.pcall('HMGET', rq_prefix .. 'job:' .. id, 'status', 'origin', 'prefetched')
  local status, origin, prefetched = record[1], record[2], record[3]
  local is_prefetched = prefetched and redis.call('ZSCORE', leases, id .. ':' .. prefetched)
  if status == 'queued' and origin and not is_prefetched and redis.call('HEXISTS', quarantine, id) == 0 then
    local list = rq_prefix .. 'queue:' .. origin
    by_list[list] = by_list[list] or {}
    table.insert(by_list[list], id)
  end
end
for list, ids in pairs(by_list) do
  for _, id in ipairs(absent_from(list .. ':intermediate', absent_from(list, ids))) do
    found[#found + 1] = id
    if repair == '1' then put_at_front(list, id) end
  end
end
if repair == '1' then wake(wakeups, #found) end
return found
