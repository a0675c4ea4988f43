-- Writes jobs and puts them into their queues, each unless a live job holds its dedup claim.
-- Uses store/clock, engine/claims, engine/wakeups, engine/job_record, engine/owned_jobs, engine/parents
-- KEYS
--   queues         rq:queues (set)
--   namespaces     claim namespaces (set)
--   wakeups        wake-ups (list)
--   followed       somebody follows the events (string)
--   events         changes of jobs (stream)
--   kinds          kinds (hash: function → kind)
--   needed         what must be there for a job to be written (rq:queues = nothing)
-- ARGV
--   now_ms         '' = server time
--   now            now as RQ writes it
--   jobs           prefix of jobs
--   queue_keys     prefix of queues
--   scheduled_keys prefix of RQ's registries of scheduled jobs
--   failure_ttl_s  how long RQ keeps a failed job
--   hours          prefix of the counts of an hour
--   owned          prefix of the lists of owners
--   children       prefix of the sets of jobs that a job waits for
--   children_s     how long such a set lives
--   submitted...   11 for each job: id, queue, delay (ms), claim namespace ('' = no claim), claim member, data, description,
--                  timeout (s), meta ('' = none), retries ('' = none), labels (name, tab, value, tab, ...; '' = none)
-- Returns for each job its place in its queue (the last), '' where it is delayed or this is the second sending, or the id of the
--   job that holds the claim, with a ! before it where that job's data are not the same; ! alone where what it needs is not there
--   and nothing was written; '' where its parent was cancelled, likewise. Expires: wake-ups, and children after children_s. RQ
--   gives a job its lifetime when it ends.
local replies, written, announced, has_first, moment = {}, {}, 0, false, nil
local function now_in_ms() -- a plain job needs no clock
  moment = moment or clock_ms(now_ms)
  return moment
end
local function enqueue(id, queue, delay_ms)
  redis.call('SADD', queues, queue_keys .. queue)
  if delay_ms == 0 then
    announced = announced + 1
    return redis.call('RPUSH', queue_keys .. queue, id)
  end
  local scheduled = scheduled_keys .. queue
  redis.call('ZADD', scheduled, string.format('%.3f', (now_in_ms() + delay_ms) / 1000), id)
  has_first = has_first or redis.call('ZRANGE', scheduled, 0, 0)[1] == id
  return ''
end
-- Queues the job that stands at `i`; returns its reply.
local function submit(i)
  local id, queue, delay, namespace, member, data, description, timeout_s, meta, retries, labels = unpack(ARGV, i, i + 10)
  local key, has_claim, delay_ms = jobs .. id, namespace ~= '', tonumber(delay)
  if redis.call('EXISTS', key) == 1 then return '' end -- sent before: whoever holds the claim by now, this job was taken
  if needed ~= queues and redis.call('EXISTS', needed) == 0 then return '!' end
  local claims, holders
  if has_claim then claims, holders = claim_keys(namespaces, namespace) end
  local holder = has_claim and holder_of(claims, holders, member, jobs, now_in_ms)
  if holder then
    local other = redis.call('HGET', jobs .. holder, 'data')
    if other == data then redis.call('HINCRBY', jobs .. holder, 'duplicates', 1) end -- for people: a second sending may count twice
    return (other and other ~= data) and '!' .. holder or holder
  end
  if is_cancelled(jobs, parent_of(labels)) then return '' end
  local optional, owner = meta ~= '' and {'meta', meta} or {}, nil
  if retries ~= '' then optional[#optional + 1] = 'retries_left'; optional[#optional + 1] = retries end
  if has_claim then optional[#optional + 1] = 'claim'; optional[#optional + 1] = namespace .. ':' .. member end
  if labels ~= '' then
    for name, value in string.gmatch(labels, '([^\t]+)\t([^\t]+)') do
      optional[#optional + 1] = name; optional[#optional + 1] = value
      if name == 'owner' then owner = value end
      if name == 'retry_of' and redis.call('EXISTS', jobs .. value) == 1 then redis.call('HSET', jobs .. value, 'retried_as', id) end
    end
  end
  local status = delay_ms > 0 and 'scheduled' or 'queued'
  write_job(key, now, queue, status, failure_ttl_s, data, description, timeout_s, unpack(optional))
  if has_claim then
    redis.call('SADD', namespaces, namespace)
    write_claim(claims, holders, member, id, now_in_ms())
  end
  if owner then add_owned(owned, owner, id, now_in_ms()) end
  add_child(children, parent_of(labels), id, children_s)
  written[#written + 1] = id
  return enqueue(id, queue, delay_ms)
end
for i = submitted_at, #ARGV, 11 do replies[#replies + 1] = submit(i) end
write_flow(now)
announced = announced + (has_first and 1 or 0) -- due before all other delayed jobs: a worker must learn of it
if announced > 0 then wake(wakeups, announced) end
if written[1] and redis.call('EXISTS', followed) == 1 then
  -- Uses engine/job_row, engine/counted_changes
  for i, id in ipairs(written) do written[i] = row_of_record(jobs .. id, id, 'submitted', kinds) end
  tell_change(events, hours, now_in_ms(), table.concat(written))
end
return replies
