-- Writes jobs and puts them into their queues, each unless a live job holds its dedup claim.
-- Uses store/clock, engine/claims, engine/wakeups, engine/job_record
-- KEYS
--   queues         rq:queues (set)
--   namespaces     claim namespaces (set)
--   wakeups        wake-ups (list)
-- ARGV
--   now_ms         '' = server time
--   now            now as RQ writes it
--   jobs           prefix of jobs
--   queue_keys     prefix of queues
--   scheduled_keys prefix of RQ's registries of scheduled jobs
--   failure_ttl_s  how long RQ keeps a failed job
--   submitted...   10 for each job: id, queue, delay (ms), claim namespace ('' = no claim), claim member, data, description,
--                  timeout (s), meta ('' = none), retries ('' = none)
-- Returns for each job '' (it is queued, also when this is the second sending), or the id of the job that holds the claim, with a !
--   before it where that job's data are not the same. Expires: wake-ups. RQ gives a job its lifetime when it ends.
local replies, announced, has_first, moment = {}, 0, false, nil
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
  if redis.call('EXISTS', key) == 1 then return '' end -- sent before: whoever holds the claim by now, this job was taken
  local claims, holders
  if has_claim then claims, holders = claim_keys(namespaces, namespace) end
  local holder = has_claim and holder_of(claims, holders, member, jobs, now_in_ms)
  if holder then
    local other = redis.call('HGET', jobs .. holder, 'data')
    return (other and other ~= data) and '!' .. holder or holder
  end
  local optional = {}
  if meta ~= '' then optional[1], optional[2] = 'meta', meta end
  if retries ~= '' then optional[#optional + 1] = 'retries_left'; optional[#optional + 1] = retries end
  if has_claim then optional[#optional + 1] = 'claim'; optional[#optional + 1] = namespace .. ':' .. member end
  local status = delay_ms > 0 and 'scheduled' or 'queued'
  write_job(key, now, queue, status, failure_ttl_s, data, description, timeout_s, unpack(optional))
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
return replies
