-- One occurrence of an entry of the schedule, if the entry is still as it was seen: re-arms it, makes the job, queues it; all or nothing.
-- Parts: ahead
-- KEYS[1] rq-scheduler's entries (zset: id → due, s)  KEYS[2] the entry (hash)  KEYS[3] our record of it (hash)
-- KEYS[4] the occurrence's job (hash)  KEYS[5] its queue (list)  KEYS[6] rq:queues (set)  KEYS[7] wake-ups (list)
-- KEYS[8] claim namespaces (set)  KEYS[9] count of missed ones, this minute  KEYS[10] of late ones
-- ARGV[1] now_ms ('' = server time)  ARGV[2] now as RQ writes it  ARGV[3] token of this sending  ARGV[4] entry
-- ARGV[5] due time seen (s, '' = by hand: out of turn)  ARGV[6] data seen  ARGV[7] meta seen  ARGV[8] next due time (s)
-- ARGV[9] due time of the occurrence (s, '' = none is to begin)  ARGV[10] job  ARGV[11] overlap: skip, queue_one, allow
-- ARGV[12] missed  ARGV[13] skipped  ARGV[14] late after (s)  ARGV[15] prefix of jobs  ARGV[16] of claims
-- ARGV[17] claim namespace ('' = no claim)  ARGV[18] claim member  ARGV[19..] the job's fields and values
-- Returns queued, missed (none was to begin), overlaps (left out), waits (nothing was changed: try again) or moved (likewise: somebody
--   else was here); the same when it is sent again.
-- Expires: the counts. RQ gives the job its lifetime when it ends.
local now, id, job = clock_ms(ARGV[1]), ARGV[4], ARGV[10]
local record = redis.call('HMGET', KEYS[3], 'by', 'outcome', 'job', 'waits')
if record[1] == ARGV[3] then return record[2] end
if ARGV[5] ~= '' then
  local due, entry = redis.call('ZSCORE', KEYS[1], id), redis.call('HMGET', KEYS[2], 'data', 'meta')
  if not due or tonumber(due) ~= tonumber(ARGV[5]) or due * 1000 > now then return 'moved' end
  if entry[1] ~= ARGV[6] or entry[2] ~= ARGV[7] then return 'moved' end
end
local busy, claims = false, ARGV[16] .. ARGV[17]
if ARGV[9] ~= '' then
  busy = ARGV[11] ~= 'allow' and record[3] and record[3] ~= job and alive(ARGV[15] .. record[3])
  local holder = ARGV[17] ~= '' and redis.call('HGET', claims .. ':jobs', ARGV[18])
  local since = ARGV[17] ~= '' and redis.call('ZSCORE', claims, ARGV[18])
  busy = busy or (holder and holder ~= job and holds(holder, ARGV[15], since, now))
  redis.call('LLEN', KEYS[5]) -- a key of another type ends this before the first write
end
if busy and ARGV[11] == 'queue_one' and ARGV[5] ~= '' then
  if record[4] ~= ARGV[5] then redis.call('HSET', KEYS[3], 'waits', ARGV[5]) end
  return 'waits'
end
local outcome = ARGV[9] == '' and 'missed' or busy and 'overlaps' or 'queued'
if outcome == 'queued' then
  redis.call('SADD', KEYS[6], KEYS[5])
  if redis.call('EXISTS', KEYS[4]) == 0 then
    redis.call('HSET', KEYS[4], unpack(ARGV, 19))
    push_ahead(KEYS[5], job)
    if ARGV[17] ~= '' then
      redis.call('SADD', KEYS[8], ARGV[17])
      redis.call('ZADD', claims, string.format('%d', now), ARGV[18])
      redis.call('HSET', claims .. ':jobs', ARGV[18], job)
    end
  end
  redis.call('HSET', KEYS[3], 'job', job, 'ran', ARGV[9], 'began', string.format('%d', now))
end
redis.call('HSET', KEYS[3], 'by', ARGV[3], 'outcome', outcome)
if ARGV[5] ~= '' then
  redis.call('ZADD', KEYS[1], ARGV[8], id)
  redis.call('HSET', KEYS[3], 'due', ARGV[8], 'waits', '')
end
local function count(field, number, key)
  if number <= 0 then return end
  redis.call('HINCRBY', KEYS[3], field, number)
  if key then redis.call('INCRBY', key, number); redis.call('EXPIRE', key, 7200) end
end
count('missed', tonumber(ARGV[12]), KEYS[9])
count('skipped', ARGV[13] + (outcome == 'overlaps' and 1 or 0))
count('late', outcome == 'queued' and now / 1000 - ARGV[9] > tonumber(ARGV[14]) and 1 or 0, KEYS[10])
if outcome == 'queued' then wake(KEYS[7], 1) end
return outcome
