-- Brings a delayed or parked job forward. Returns 'hastened', 'coming' (it waits in a queue or runs), 'gone', or 'later' (it is to
-- run before that anyway).
-- Uses store/rq_time, engine/wakeups
local function hasten_job(rq, wakeups, id, at_ms)
  local job = rq .. 'job:' .. id
  local found = redis.pcall('HMGET', job, 'status', 'origin')
  if found.err or not found[1] or not found[2] then return 'gone' end
  if found[1] == 'queued' or found[1] == 'started' then return 'coming' end
  if found[1] ~= 'scheduled' then return 'gone' end
  local scheduled = rq .. 'scheduled:' .. found[2]
  local due_s = tonumber(redis.call('ZSCORE', scheduled, id) or '')
  if not due_s then return 'gone' end
  if due_s * 1000 <= at_ms then return 'later' end
  redis.call('ZADD', scheduled, string.format('%.3f', at_ms / 1000), id)
  if redis.call('HEXISTS', job, 'parked_until') == 1 then redis.call('HSET', job, 'parked_until', rq_time(at_ms)) end
  if redis.call('ZRANGE', scheduled, 0, 0)[1] == id then wake(wakeups, 1) end
  return 'hastened'
end
