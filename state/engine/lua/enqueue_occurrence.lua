-- Queues one occurrence of an entry of the schedule, if the entry is still as it was seen: re-arms it, makes the job, queues it.
-- A paused entry stays due as it is; when it is resumed, its rule for missed occurrences decides.
-- Uses store/clock, engine/job_state, engine/wakeups, engine/job_record, engine/ahead
-- Constants JOB_PREFIX, QUEUE_PREFIX, RQ_QUEUES, WAKE_LIST, PAUSES, FAILED_S
-- KEYS
--   entries        rq-scheduler's entries (zset: id → due, s)
--   entry          the entry (hash)
--   record         our record of it (hash)
--   job            the occurrence's job (hash; '' = none is to begin)
--   queue          its queue (list; '' = none is to begin)
--   missed_count   count of missed occurrences, this minute
--   late_count     count of late ones, this minute
--   hour           counts of this hour (hash)
-- ARGV
--   now_ms         '' = server time
--   now            now as RQ writes it
--   token          names this sending for ever
--   id             the entry's id
--   pause_scope    the scope in which the entry is paused
--   due_seen       its due time as it was seen (s; '' = it runs by hand, out of turn)
--   data_seen      its data as they were seen
--   meta_seen      its meta as it was seen
--   next_due       its next due time (s)
--   due            due time of the occurrence (s; '' = none is to begin)
--   job_id         its job
--   overlap        skip, queue_one, allow
--   missed         occurrences that were missed
--   skipped        occurrences that are left out
--   late_after_s   the occurrence counts as late after so long
--   namespace      claim namespace ('' = no claim)
--   member         claim member
--   data           the job's call (JSON)
--   description    the job's description
--   timeout_s      the job's time limit
--   retries        its retries ('' = none)
-- Returns queued, missed (none was to begin), overlaps (left out), waits, paused (nothing was changed: try again) or moved (likewise: somebody
--   else was here); the same when it is sent again. Expires: the counts. RQ gives the job its lifetime when it ends.
local moment, by_hand, begins, has_claim = clock_ms(now_ms), due_seen == '', due ~= '', namespace ~= ''
local seen = redis.call('HMGET', record, 'by', 'outcome', 'job', 'waits')
local last_token, last_outcome, last_job, waiting = seen[1], seen[2], seen[3], seen[4]
if last_token == token then return last_outcome end
local function has_moved()
  local now_due, fields = redis.call('ZSCORE', entries, id), redis.call('HMGET', entry, 'data', 'meta')
  if not now_due or tonumber(now_due) ~= tonumber(due_seen) or now_due * 1000 > moment then return true end
  return fields[1] ~= data_seen or fields[2] ~= meta_seen
end
local function is_busy()
  if overlap ~= 'allow' and last_job and last_job ~= job_id and alive(JOB_PREFIX .. last_job) then return true end
  if not has_claim then return false end
  -- Uses engine/occurrence_claims
  return is_claimed_elsewhere(namespace, member, job_id, moment)
end
if not by_hand and has_moved() then return 'moved' end
local pause = not by_hand and redis.pcall('HGET', PAUSES, pause_scope)
if pause then
  -- Uses engine/pauses
  if is_in_force(pause, moment) then return 'paused' end
end
local busy = begins and is_busy()
local head = begins and redis.call('LINDEX', queue, 0) -- a key of another type ends this before the first write
if busy and overlap == 'queue_one' and not by_hand then
  if waiting ~= due_seen then redis.call('HSET', record, 'waits', due_seen) end
  return 'waits'
end
local outcome = not begins and 'missed' or busy and 'overlaps' or 'queued'
local told = {'by', token, 'outcome', outcome}
if outcome == 'queued' then
  redis.call('SADD', RQ_QUEUES, queue)
  if redis.call('EXISTS', job) == 0 then
    local optional = {}
    if retries ~= '' then optional[1], optional[2] = 'retries_left', retries end
    if has_claim then optional[#optional + 1] = 'claim'; optional[#optional + 1] = namespace .. ':' .. member end
    local name = string.sub(queue, #QUEUE_PREFIX + 1)
    write_job(job, now, name, 'queued', FAILED_S, data, description, timeout_s, unpack(optional))
    count_came(now)
    push_ahead(queue, job_id, head)
    if has_claim then
      -- Uses engine/occurrence_claims
      take_claim(namespace, member, job_id, moment)
    end
  end
  -- Uses engine/schedule_runs
  note_run_queued(id, job_id, due, moment)
  told[5], told[6], told[7], told[8], told[9], told[10] = 'job', job_id, 'ran', due, 'began', string.format('%d', moment)
end
if not by_hand then
  redis.call('ZADD', entries, next_due, id)
  local n = #told
  told[n + 1], told[n + 2], told[n + 3], told[n + 4] = 'due', next_due, 'waits', ''
end
redis.call('HSET', record, unpack(told))
local left_out = skipped + (outcome == 'overlaps' and 1 or 0)
local is_late = outcome == 'queued' and moment / 1000 - due > tonumber(late_after_s)
if missed ~= '0' or left_out > 0 or is_late then
  -- Uses engine/occurrence_counts
  count_occurrences(record, hour, 'missed', tonumber(missed), missed_count)
  count_occurrences(record, hour, 'skipped', left_out)
  count_occurrences(record, hour, 'late', is_late and 1 or 0, late_count)
end
if outcome == 'queued' then wake(WAKE_LIST, 1) end
return outcome
