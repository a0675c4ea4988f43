-- What a look needs that asks why work does not go on: one step, one command. Reads only.
-- KEYS[1] rq:suspended  KEYS[2] why fetching is halted (string)  KEYS[3] the scheduler's heartbeat (string)  KEYS[4] leases (zset)
-- KEYS[5] limits (hash: kind → most)  KEYS[6] rq:workers (set: keys of workers)  KEYS[7] rq-scheduler's entries (zset: id → due, s)
-- KEYS[8] entries of tables (set)
-- ARGV[1] now_ms ('' = server time)  ARGV[2] prefix of RQ's keys  ARGV[3] of records of entries
-- ARGV[4] foreign entries to look at; then names of queues
-- Returns {now (ms), how long it is suspended (ms; -1 = for ever, -2 = not at all), why halted ('' = not), when the scheduler was
--   last alive ('' = within the last minute not), leases that run, number of entries of rq-scheduler,
--   {kind, most, ...}, {{a worker's name, queues, state, last heartbeat, birth, memory (MB), jobs done, seconds worked}, ...},
--   {{queue, jobs that wait, delayed ones that are due, when the first was queued ('' = unknown),
--   jobs that wait for a place of each kind in order}, ...}, {{id, due (s, '' = not armed), 1 if it stands in a table,
--   due time that waits, why it is off ('' = it is not), what is wrong with its keys, data, meta, queue}, ...}}.
local now, rq = clock_ms(ARGV[1]), ARGV[2]
local function number(verb, ...)
  local found = redis.pcall(verb, ...)
  return type(found) == 'number' and found or 0
end
local function fields(key, ...)
  local found = redis.pcall('HMGET', key, ...)
  for i = 1, found.err and 0 or select('#', ...) do found[i] = found[i] or '' end
  return found
end
local limits, kinds, workers, waiting, entries, seen = redis.pcall('HGETALL', KEYS[5]), {}, {}, {}, {}, {}
for i = 1, limits.err and 0 or #limits, 2 do kinds[#kinds + 1] = limits[i] end
local known = redis.pcall('SMEMBERS', KEYS[6])
for _, key in ipairs(known.err and {} or known) do
  local told = fields(key, 'queues', 'state', 'last_heartbeat', 'birth', 'rss_mb', 'successful_job_count', 'total_working_time')
  if not told.err and told[4] ~= '' then workers[#workers + 1] = {string.sub(key, #rq + 8), unpack(told)} end
end
for i = 5, #ARGV do
  local queue = rq .. 'queue:' .. ARGV[i]
  local first = redis.pcall('LINDEX', queue, 0)
  local since = type(first) == 'string' and fields(rq .. 'job:' .. first, 'enqueued_at')[1]
  local due = number('ZCOUNT', rq .. 'scheduled:' .. ARGV[i], '-inf', string.format('%.3f', now / 1000))
  local row = {ARGV[i], number('LLEN', queue), due, since or ''}
  for _, kind in ipairs(kinds) do row[#row + 1] = number('LLEN', queue .. '.' .. kind) end
  waiting[#waiting + 1] = row
end
local ours, armed = redis.pcall('SMEMBERS', KEYS[8]), redis.pcall('ZRANGE', KEYS[7], 0, ARGV[4] - 1)
for _, ids in ipairs({ours.err and {} or ours, armed.err and {} or armed}) do
  for _, id in ipairs(ids) do
    if not seen[id] then
      local due, of_table = redis.pcall('ZSCORE', KEYS[7], id), ids == ours and 1 or 0
      local entry, told = redis.pcall('HMGET', rq .. 'job:' .. id, 'data', 'meta', 'origin'), fields(ARGV[3] .. id, 'waits', 'off')
      local row = {id, type(due) == 'string' and due or '', of_table, told[1] or '', told[2] or '', entry.err or told.err or ''}
      row[7], row[8], row[9] = entry[1] or false, entry[2] or false, entry[3] or false
      seen[id], entries[#entries + 1] = true, row
    end
  end
end
local halted, beat = redis.pcall('GET', KEYS[2]), redis.pcall('GET', KEYS[3])
return {string.format('%d', now), redis.call('PTTL', KEYS[1]), type(halted) == 'string' and halted or '',
  type(beat) == 'string' and beat or '', number('ZCOUNT', KEYS[4], string.format('%d', now), '+inf'), number('ZCARD', KEYS[7]),
  limits.err and {} or limits, workers, waiting, entries}
