-- Gives a lane whose job is gone a new job.
-- Uses scraping/lanes, engine/job_state
-- KEYS
--   ledger         the ledger (hash)
--   queues         rq:queues (set)
--   wakeups        wake-ups (list)
-- ARGV
--   now_iso        now, as RQ writes it
--   id             of the ledger
--   path           the function of lanes
--   timeout_s      its time limit
--   jobs           prefix of jobs
--   queue_keys     prefix of queues
--   failure_ttl_s  how long RQ keeps a failed job
--   keep_s         how long the ledger is kept
-- Returns how many lanes got one. Expires: the lanes.
local state, queue, pending = unpack(redis.call('HMGET', ledger, 'state', 'queue', 'pending'))
if state ~= 'running' then return 0 end
local book, started, awake = ledger_at(ledger, keep_s), 0, 0
local to = {id = id, queue = queue, path = path, timeout_s = timeout_s, jobs = jobs, queue_keys = queue_keys, queues = queues,
  wakeups = wakeups, failure_ttl_s = failure_ttl_s, now_iso = now_iso}
local lanes = redis.call('HGETALL', book.lanes)
for i = 1, #lanes, 2 do
  local lane = lane_of(book, lanes[i])
  if lane.state ~= 's' then
    awake = awake + 1
    if not alive(jobs .. id .. '-' .. lane.name .. '-' .. lane.round) then
      start_lane(book, lane, to)
      started = started + 1
    end
  end
end
if awake == 0 then started = wake_lanes(book, 1, to) end
write_counts(book)
return started
