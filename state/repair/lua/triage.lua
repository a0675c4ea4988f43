-- Sorts jobs by where they should stand; those that are where they should be are left out. Reads only.
-- KEYS[1] leases (zset: job:execution → end, ms)  KEYS[2] entries of rq-scheduler (zset)
-- ARGV[1] prefix of RQ's keys  ARGV[2] our queues, each between commas; then job ids
-- Returns {{ids that say they wait in a queue, ...}, {ids that say they run and hold no lease, ...},
--   {ids that say they are delayed, and that nothing will move, ...}}. An entry of the schedule is kept for ever (result_ttl -1).
local rq, waiting, started, delayed = ARGV[1], {}, {}, {}
local held
local function has_lease(id)
  if not held then
    held = {}
    for _, member in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do held[string.match(member, '^(.-):?[^:]*$')] = true end
  end
  return held[id]
end
for i = 3, #ARGV do
  local id = ARGV[i]
  local seen = redis.pcall('HMGET', rq .. 'job:' .. id, 'status', 'origin', 'result_ttl', 'prefetched')
  local status = seen[2] and string.find(ARGV[2], ',' .. seen[2] .. ',', 1, true) and seen[1]
  if status == 'queued' and seen[4] and has_lease(id) then
    status = nil -- prefetched by a worker
  elseif status == 'queued' then
    waiting[#waiting + 1] = id
  elseif status == 'started' and not has_lease(id) then
    started[#started + 1] = id
  elseif status == 'scheduled' and seen[3] ~= '-1' and not redis.call('ZSCORE', KEYS[2], id)
    and not redis.pcall('ZSCORE', rq .. 'scheduled:' .. seen[2], id) then
    delayed[#delayed + 1] = id
  end
end
return {waiting, started, delayed}
