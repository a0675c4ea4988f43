-- Writes jobs and puts them into their queues, each unless a live job holds its dedup claim.
-- Uses store/clock, engine/wakeups, engine/job_record
-- Constants JOB_PREFIX, QUEUE_PREFIX, SCHEDULED_PREFIX, HOUR_PREFIX, FOLLOWED, EVENTS, KINDS, FAILED_S
-- Constants CLAIM_NAMESPACES, WAKE_LIST
-- KEYS
--   queues         rq:queues (set)
--   needed         what must be there for a job to be written (rq:queues = nothing)
-- ARGV
--   now_ms         '' = server time
--   now            now as RQ writes it
--   submitted...   11 for each job: id, queue, delay (ms), claim namespace ('' = no claim), claim member, data, description,
--                  timeout (s), meta ('' = none), retries ('' = none), labels (name, tab, value, tab, ...; '' = none)
-- Returns for each job its place in its queue (the last), '' where it is delayed or this is the second sending, or the id of the
--   job that holds the claim, with a ! before it where that job's data are not the same; ! alone where what it needs is not there
--   and nothing was written; '' where its parent was cancelled, likewise. Expires: wake-ups, and children after CHILDREN_S. RQ
--   gives a job its lifetime when it ends.
local replies, written, announced, has_first, moment, is_followed, claim = {}, {}, 0, false, nil, false, nil
local listed -- the queue that was named last in rq:queues; `claim`: what is done with claims, made with the first job that has one
local function now_in_ms() -- a plain job needs no clock
  moment = moment or clock_ms(now_ms)
  return moment
end
-- Queues the job that stands at `i`; returns its reply.
local function submit(i)
  local id, queue, delay, namespace, member, data, description, timeout_s, meta, retries, labels = unpack(ARGV, i, i + 10)
  local key = JOB_PREFIX .. id
  local found = redis.call('EXISTS', key, FOLLOWED) -- in one look: nearly always there is neither
  if found > 0 then
    is_followed = redis.call('EXISTS', FOLLOWED) == 1
    if found == 2 or not is_followed then return '' end -- sent before: whoever holds the claim by now, this job was taken
  end
  if needed ~= queues and redis.call('EXISTS', needed) == 0 then return '!' end
  local claims, holders, reply, optional = nil, nil, nil, {}
  if namespace ~= '' then
    if not claim then
      -- Uses engine/submit_claims
      claim = {reply_of_holder = reply_of_holder, write = write_claim}
    end
    reply, claims, holders = claim.reply_of_holder(CLAIM_NAMESPACES, namespace, member, data, now_in_ms)
    if reply then return reply end
  end
  if retries ~= '' then optional[1], optional[2] = 'retries_left', retries end
  if meta ~= '' then optional[#optional + 1] = 'meta'; optional[#optional + 1] = meta end
  if claims then optional[#optional + 1] = 'claim'; optional[#optional + 1] = namespace .. ':' .. member end
  if labels ~= '' then
    -- Uses engine/job_labels
    if not label(optional, labels, id, now_in_ms) then return '' end
  end
  local is_delayed = delay ~= '0'
  write_job(key, now, queue, is_delayed and 'scheduled' or 'queued', FAILED_S, data, description, timeout_s, unpack(optional))
  if claims then
    redis.call('SADD', CLAIM_NAMESPACES, namespace)
    claim.write(claims, holders, member, id, now_in_ms())
  end
  written[#written + 1] = id
  if listed ~= queue then
    redis.call('SADD', queues, QUEUE_PREFIX .. queue)
    listed = queue
  end
  if not is_delayed then
    announced = announced + 1
    return redis.call('RPUSH', QUEUE_PREFIX .. queue, id)
  end
  local scheduled = SCHEDULED_PREFIX .. queue
  redis.call('ZADD', scheduled, string.format('%.3f', (now_in_ms() + delay) / 1000), id)
  has_first = has_first or redis.call('ZRANGE', scheduled, 0, 0)[1] == id
  return ''
end
for i = submitted_at, #ARGV, 11 do replies[#replies + 1] = submit(i) end
count_came(now)
announced = announced + (has_first and 1 or 0) -- due before all other delayed jobs: a worker must learn of it
if announced > 0 then wake(WAKE_LIST, announced) end
if written[1] and is_followed then
  -- Uses engine/job_row, engine/counted_changes
  for i, id in ipairs(written) do written[i] = row_of_record(JOB_PREFIX .. id, id, 'submitted', KINDS) end
  tell_change(EVENTS, HOUR_PREFIX, now_in_ms(), table.concat(written))
end
return replies
