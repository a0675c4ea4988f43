-- Takes up to n jobs from queues in order, each under a lease, and shows them to RQ's tools as started.
-- KEYS[1] leases (zset: job:execution → end, ms)  KEYS[2] this worker's last request (string)  KEYS[3] rq:suspended
-- KEYS[4] quarantine (hash)  KEYS[5..] queues
-- ARGV[1] now_ms ('' = server time)  ARGV[2] free threads  ARGV[3] lease (ms)  ARGV[4] worker  ARGV[5] now as RQ writes it ('' = server's)
-- ARGV[6] number of the request  ARGV[7] prefix of RQ's keys  ARGV[8] free coroutines; then functions that are coroutines
-- Returns {how many queues still hold jobs, {job, execution, queue, {field, value, ...}}, ...}: sent again with the same number,
--   the same jobs.
-- Expires: the last request (60 s), executions (a day; they end with the job).
local now, rq, out = clock_ms(ARGV[1]), ARGV[7], {}
local iso = ARGV[5] ~= '' and ARGV[5] or iso_of(now)
out[1] = 0
if redis.call('EXISTS', KEYS[3]) == 1 then return out end
local before = redis.call('GET', KEYS[2])
if before and string.match(before, '^(%S+)') == ARGV[6] then
  for job, execution, queue in string.gmatch(before, '(%S+):(%S+)=(%S+)') do
    if redis.call('ZSCORE', KEYS[1], job .. ':' .. execution) then
      out[#out + 1] = {job, execution, queue, redis.call('HGETALL', rq .. 'job:' .. job)}
    end
  end
  out[1] = redis.call('EXISTS', unpack(KEYS, 5))
  return out
end

local free = {[false] = tonumber(ARGV[2]), [true] = tonumber(ARGV[8])}
if free[false] + free[true] <= 0 then
  out[1] = redis.call('EXISTS', unpack(KEYS, 5))
  return out
end
local taken, memo, is_coroutine, worker_key = 0, {ARGV[6]}, {}, rq .. 'worker:' .. ARGV[4] .. ':executions'
for i = 9, #ARGV do is_coroutine[ARGV[i]] = true end
-- As text, once: Redis prints and reads the number of a script slowly.
local at, day = string.format('%.3f', now / 1000), string.format('%d', now / 1000 + 86400)
local lease_end = string.format('%d', now + ARGV[3])

local DATES, ISO = {'created_at', 'enqueued_at'}, '^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%d%.?%d*Z$'
local function refuse(id, queue, reason)
  redis.call('HSET', KEYS[4], id, cjson.encode({reason = reason, queue = queue, at_ms = now}))
  return true
end
-- True when the job may leave the queue: it was taken, or is none.
local function take(id, queue)
  local key = rq .. 'job:' .. id
  if not string.match(id, '^[%w_-]+$') then return refuse(id, queue, 'not an id of RQ') end
  local fields = redis.pcall('HGETALL', key)
  if fields.err then return refuse(id, queue, fields.err) end
  local job = {}
  for i = 1, #fields, 2 do job[fields[i]] = fields[i + 1] end
  if #fields == 0 then return true end
  if job.status ~= 'queued' then
    local known = FINAL[job.status] or job.status == 'started' or job.status == 'scheduled' or job.status == 'deferred'
    return known or refuse(id, queue, 'bad status: ' .. tostring(job.status))
  end
  if not job.data then return refuse(id, queue, 'no data') end
  for _, name in ipairs(DATES) do
    if job[name] and job[name] ~= '' and not string.match(job[name], ISO) then return refuse(id, queue, 'bad date: ' .. name) end
  end
  local kind = is_coroutine[string.match(job.data, '^%["([^"]+)"')] or false
  if free[kind] <= 0 then return false end
  free[kind] = free[kind] - 1
  taken = taken + 1
  local execution = ARGV[4] .. '-' .. ARGV[6] .. '-' .. taken
  local member = id .. ':' .. execution
  redis.call('HSET', key, 'status', 'started', 'worker_name', ARGV[4], 'started_at', iso, 'last_heartbeat', iso)
  redis.call('ZADD', KEYS[1], lease_end, member)
  redis.pcall('ZADD', rq .. 'wip:' .. queue, day, member) -- pcall: a broken record of RQ's stops no job
  redis.pcall('HSET', rq .. 'execution:' .. member, 'id', execution, 'job_id', id, 'created_at', at, 'last_heartbeat', at,
    'worker_name', ARGV[4])
  redis.pcall('EXPIRE', rq .. 'execution:' .. member, '86400')
  redis.pcall('ZADD', rq .. 'executions:' .. id, day, execution)
  redis.pcall('SADD', worker_key, member)
  memo[#memo + 1] = member .. '=' .. queue
  out[#out + 1] = {id, execution, queue, fields}
  return true
end

for i = 5, #KEYS do
  local queue = string.sub(KEYS[i], #rq + 7)
  repeat
    local ids, gone = redis.pcall('LRANGE', KEYS[i], 0, math.max(free[false], free[true]) - 1), 0
    if ids.err then ids = refuse('queue:' .. queue, queue, ids.err) and {} end
    while gone < #ids and free[false] + free[true] > 0 and take(ids[gone + 1], queue) do gone = gone + 1 end
    if gone > 0 then redis.call('LTRIM', KEYS[i], gone, -1) end
  until gone < #ids or #ids == 0 or free[false] + free[true] <= 0
end
out[1] = redis.call('EXISTS', unpack(KEYS, 5))
if taken > 0 then redis.call('SET', KEYS[2], table.concat(memo, ' '), 'EX', 60) end
return out
