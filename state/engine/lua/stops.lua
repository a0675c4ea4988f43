-- Reads what may keep work from going on, in one step and one command.
-- Uses store/clock, engine/safe_reads
-- KEYS
--   suspended        rq:suspended
--   halted           why fetching is halted (string)
--   heartbeat        the scheduler's heartbeat (string)
--   leases           leases (zset: job:execution → end, ms)
--   limits           limits (hash: kind → most)
--   workers          rq:workers (set: keys of workers)
--   entries          rq-scheduler's entries (zset: id → due, s)
--   ours             entries of our tables (set)
--   pauses           what is paused (hash: scope → JSON)
-- ARGV
--   now_ms           '' = server time
--   rq               prefix of RQ's keys
--   records          prefix of our records of entries
--   most_foreign     so many entries of other programs are read
--   most_pauses      so many pauses are read, more or less
--   queues...        names of queues
-- Returns {now (ms), how long it is suspended (ms; -1 = for ever, -2 = not), why halted ('' = not), the scheduler's heartbeat ('' = none
--   within the last minute), leases that run, number of entries, {kind, most, ...}, {{a worker's name, queues, state, last heartbeat,
--   birth, memory (MB), jobs done, seconds worked, host, process id, RQ's version, threads, coroutines, 1 where it takes no more}, ...}, {{queue, jobs that wait, delayed jobs that are due, when the first was queued
--   ('' = unknown), when the first blocked one was, blocked jobs of each kind in order}, ...}, {{id, due (s, '' = not armed), 1 where it stands in a table, due time
--   that waits, why it is off ('' = it is not), error of its keys ('' = none), data, meta, queue, why it is
--   disabled, by whom, until when (ms; '' = nobody said)}, ...}, {paused scope, JSON, ...}, number
--   of paused scopes}. Expires nothing.
local now, kinds = clock_ms(now_ms), {}
local function worker_rows()
  local rows = {}
  for _, key in ipairs(list('SMEMBERS', workers)) do
    local record = fields(key, 'queues', 'state', 'last_heartbeat', 'birth', 'rss_mb', 'successful_job_count', 'total_working_time',
      'hostname', 'pid', 'version', 'threads', 'coroutines', 'draining')
    if not record.err and record[4] ~= '' then rows[#rows + 1] = {string.sub(key, #rq + 8), unpack(record)} end
  end
  return rows
end
local function since_of(list)
  local first = text('LINDEX', list, 0)
  return first ~= '' and fields(rq .. 'job:' .. first, 'enqueued_at')[1] or ''
end
local function queue_row(name)
  local queue = rq .. 'queue:' .. name
  local since = since_of(queue)
  local due = number('ZCOUNT', rq .. 'scheduled:' .. name, '-inf', string.format('%.3f', now / 1000))
  local row = {name, number('LLEN', queue), due, since, ''}
  for _, kind in ipairs(kinds) do
    local blocked_since = since_of(queue .. '.' .. kind)
    if blocked_since ~= '' and (row[5] == '' or blocked_since < row[5]) then row[5] = blocked_since end
    row[#row + 1] = number('LLEN', queue .. '.' .. kind)
  end
  return row
end
local function entry_row(id, is_ours)
  local entry = redis.pcall('HMGET', rq .. 'job:' .. id, 'data', 'meta', 'origin')
  local record = fields(records .. id, 'waits', 'off', 'off_reason', 'off_by', 'off_until')
  return {id, text('ZSCORE', entries, id), is_ours, record[1] or '', record[2] or '', entry.err or record.err or '',
    entry[1] or false, entry[2] or false, entry[3] or false, record[3] or '', record[4] or '', record[5] or ''}
end
local function entry_rows()
  local rows, seen = {}, {}
  local function add(ids, is_ours)
    for _, id in ipairs(ids) do
      if not seen[id] then seen[id], rows[#rows + 1] = true, entry_row(id, is_ours) end
    end
  end
  add(list('SMEMBERS', ours), 1)
  add(list('ZRANGE', entries, 0, most_foreign - 1), 0)
  return rows
end
local limit_words, queue_rows = list('HGETALL', limits), {}
for i = 1, #limit_words, 2 do kinds[#kinds + 1] = limit_words[i] end
for i = queues_at, #ARGV do queue_rows[#queue_rows + 1] = queue_row(ARGV[i]) end
return {string.format('%d', now), redis.call('PTTL', suspended), text('GET', halted), text('GET', heartbeat),
  number('ZCOUNT', leases, string.format('%d', now), '+inf'), number('ZCARD', entries), limit_words, worker_rows(), queue_rows,
  entry_rows(), list('HSCAN', pauses, '0', 'COUNT', most_pauses)[2] or {}, number('HLEN', pauses)}
