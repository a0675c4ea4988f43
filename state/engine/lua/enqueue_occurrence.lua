-- Queues one occurrence of an entry of the schedule, if the entry is still as it was seen: re-arms it, makes the job, queues it.
-- A paused entry stays due as it is; when it is resumed, its rule for missed occurrences decides.
-- Uses store/clock, engine/claims, engine/wakeups, engine/job_record, engine/ahead, engine/pauses, engine/hour_counts
-- Uses engine/schedule_runs
-- Constants COUNT_TTL_S
-- KEYS
--   entries        rq-scheduler's entries (zset: id → due, s)
--   entry          the entry (hash)
--   record         our record of it (hash)
--   job            the occurrence's job (hash; '' = none is to begin)
--   queue          its queue (list; '' = none is to begin)
--   queues         rq:queues (set)
--   wakeups        wake-ups (list)
--   namespaces     claim namespaces (set)
--   missed_count   count of missed occurrences, this minute
--   late_count     count of late ones, this minute
--   pauses         what is paused (hash: scope → JSON)
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
--   jobs           prefix of jobs
--   namespace      claim namespace ('' = no claim)
--   member         claim member
--   data           the job's call (JSON)
--   description    the job's description
--   timeout_s      the job's time limit
--   failure_ttl_s  how long RQ keeps the job where it fails
--   retries        its retries ('' = none)
-- Returns queued, missed (none was to begin), overlaps (left out), waits, paused (nothing was changed: try again) or moved (likewise: somebody
--   else was here); the same when it is sent again. Expires: the counts. RQ gives the job its lifetime when it ends.
local moment, by_hand, begins, has_claim = clock_ms(now_ms), due_seen == '', due ~= '', namespace ~= ''
local seen = redis.call('HMGET', record, 'by', 'outcome', 'job', 'waits')
local last_token, last_outcome, last_job, waiting = seen[1], seen[2], seen[3], seen[4]
if last_token == token then return last_outcome end
local claims, holders = claim_keys(namespaces, namespace)
local function has_moved()
  local now_due, fields = redis.call('ZSCORE', entries, id), redis.call('HMGET', entry, 'data', 'meta')
  if not now_due or tonumber(now_due) ~= tonumber(due_seen) or now_due * 1000 > moment then return true end
  return fields[1] ~= data_seen or fields[2] ~= meta_seen
end
local function is_busy()
  if overlap ~= 'allow' and last_job and last_job ~= job_id and alive(jobs .. last_job) then return true end
  local holder = has_claim and holder_of(claims, holders, member, jobs, function() return moment end)
  return holder and holder ~= job_id
end
if not by_hand and has_moved() then return 'moved' end
if not by_hand and is_in_force(redis.pcall('HGET', pauses, pause_scope), moment) then return 'paused' end
local busy = begins and is_busy()
if begins then redis.call('LLEN', queue) end -- a key of another type ends this before the first write
if busy and overlap == 'queue_one' and not by_hand then
  if waiting ~= due_seen then redis.call('HSET', record, 'waits', due_seen) end
  return 'waits'
end
local outcome = not begins and 'missed' or busy and 'overlaps' or 'queued'
local function enqueue()
  redis.call('SADD', queues, queue)
  if redis.call('EXISTS', job) == 0 then
    local optional = {}
    if retries ~= '' then optional[1], optional[2] = 'retries_left', retries end
    if has_claim then optional[#optional + 1] = 'claim'; optional[#optional + 1] = namespace .. ':' .. member end
    local name = string.match(queue, '[^:]*$')
    write_job(job, now, name, 'queued', failure_ttl_s, data, description, timeout_s, unpack(optional))
    count_came(now)
    push_ahead(queue, job_id)
    if has_claim then
      redis.call('SADD', namespaces, namespace)
      write_claim(claims, holders, member, job_id, moment)
    end
  end
  redis.call('HSET', record, 'job', job_id, 'ran', due, 'began', string.format('%d', moment))
  note_run_queued(id, job_id, due, moment)
end
local function count(field, number, key)
  if number <= 0 then return end
  redis.call('HINCRBY', record, field, number)
  count_in_hour(hour, 'schedule|' .. field .. '||', string.format('%d', number))
  if key then redis.call('INCRBY', key, number); redis.call('EXPIRE', key, COUNT_TTL_S) end
end
if outcome == 'queued' then enqueue() end
redis.call('HSET', record, 'by', token, 'outcome', outcome)
if not by_hand then
  redis.call('ZADD', entries, next_due, id)
  redis.call('HSET', record, 'due', next_due, 'waits', '')
end
count('missed', tonumber(missed), missed_count)
count('skipped', skipped + (outcome == 'overlaps' and 1 or 0))
count('late', outcome == 'queued' and moment / 1000 - due > tonumber(late_after_s) and 1 or 0, late_count)
if outcome == 'queued' then wake(wakeups, 1) end
return outcome
