-- Writes jobs and puts them into their queues, each unless a live job holds its dedup claim.
-- Uses store/clock, engine/claims, engine/wakeups, engine/job_record, engine/stops_at_submit
-- KEYS
--   queues         rq:queues (set)
--   namespaces     claim namespaces (set)
--   wakeups        wake-ups (list)
--   suspended      rq:suspended (string)
--   halted         why fetching is halted (string)
--   limits         limits (hash: kind → most)
--   workers        rq:workers (set)
-- ARGV
--   now_ms         '' = server time
--   now            now as RQ writes it
--   jobs           prefix of jobs
--   queue_keys     prefix of queues
--   scheduled_keys prefix of RQ's registries of scheduled jobs
--   failure_ttl_s  how long RQ keeps a failed job
--   with_stops     1 = say what keeps the jobs from starting, else ''
--   submitted...   10 for each job: id, queue, delay (ms), claim namespace ('' = no claim), claim member, data, description,
--                  timeout (s), meta ('' = none), retries ('' = none)
-- Returns for each job '' (it is queued, also when this is the second sending), or the id of the job that holds the claim, with a !
--   before it where that job's data are not the same. With stops comes what keeps the jobs from starting (parts/stops_at_submit.lua).
-- Expires: wake-ups. RQ gives a job its lifetime when it ends.
local replies, served, announced, has_first, moment = {}, {}, 0, false, nil
local function now_in_ms() -- a plain job needs no clock
  moment = moment or clock_ms(now_ms)
  return moment
end
local function enqueue(id, queue, delay_ms)
  redis.call('SADD', queues, queue_keys .. queue)
  if delay_ms == 0 then
    redis.call('RPUSH', queue_keys .. queue, id)
    announced = announced + 1
    return
  end
  local scheduled = scheduled_keys .. queue
  redis.call('ZADD', scheduled, math.ceil((now_in_ms() + delay_ms) / 1000), id) -- whole seconds, as RQ writes them; never early
  has_first = has_first or redis.call('ZRANGE', scheduled, 0, 0)[1] == id
end
-- Queues the job that stands at `i`; returns its reply.
local function submit(i)
  local id, queue, delay, namespace, member, data, description, timeout_s, meta, retries = unpack(ARGV, i, i + 9)
  local key, has_claim, delay_ms = jobs .. id, namespace ~= '', tonumber(delay)
  served[queue] = true
  if redis.call('EXISTS', key) == 1 then return '' end -- sent before: whoever holds the claim by now, this job was taken
  local claims, holders = claim_keys(namespaces, namespace)
  local holder = has_claim and holder_of(claims, holders, member, jobs, now_in_ms)
  if holder then
    local other = redis.call('HGET', jobs .. holder, 'data')
    return (other and other ~= data) and '!' .. holder or holder
  end
  write_job(key, now, {data = data, queue = queue, description = description, timeout_s = timeout_s, failure_ttl_s = failure_ttl_s,
    status = delay_ms > 0 and 'scheduled' or 'queued', meta = meta, retries_left = retries,
    claim = has_claim and namespace .. ':' .. member})
  if has_claim then
    redis.call('SADD', namespaces, namespace)
    write_claim(claims, holders, member, id, now_in_ms())
  end
  enqueue(id, queue, delay_ms)
  return ''
end
for i = submitted_at, #ARGV, 10 do replies[#replies + 1] = submit(i) end
announced = announced + (has_first and 1 or 0) -- due before all other delayed jobs: a worker must learn of it
if announced > 0 then wake(wakeups, announced) end
if with_stops ~= '' then
  replies[#replies + 1] = stops_at_submit({suspended = suspended, halted = halted, limits = limits, workers = workers}, served)
end
return replies
