-- Takes up to n jobs from queues in order, each under a lease, and shows them to RQ's tools as started.
-- A job whose kind has as many runs as its limit allows must not hold up those behind it: it is moved to a list of its kind and
-- queue, which is a queue of RQ's like any other (`default.serp`), so that RQ's tools count, find and cancel what waits there. It is
-- moved once, in order, and those that wait came before all that is still in the queue: they go first as soon as there is room.
-- A look moves 1,000 at most and says that it was not finished; so a queue of a million of them costs the same as a short one.
-- KEYS[1] leases (zset: job:execution → end, ms)  KEYS[2] this worker's last request (string)  KEYS[3] rq:suspended
-- KEYS[4] quarantine (hash)  KEYS[5] limits (hash: kind → most, '' = until none waits any more)
-- KEYS[6] kinds (hash: function → kind)  KEYS[7..] queues
-- ARGV[1] now_ms ('' = server time)  ARGV[2] free threads  ARGV[3] lease (ms)  ARGV[4] worker  ARGV[5] now as RQ writes it ('' = server's)
-- ARGV[6] number of the request  ARGV[7] prefix of RQ's keys  ARGV[8] free coroutines  ARGV[9] prefix of runs of a kind (zsets:
--   job:execution; counted are those that are leased, so the count cannot drift)  ARGV[10] of the free threads, and ARGV[11] of the
--   free coroutines, so many are not free yet: jobs for those are prefetched, that is leased but not started
-- ARGV[12] shares: the queue to begin with, then for each `threads/coroutines`, so many are first of all its ('' = the queues are
--   worked off in order); then functions that are coroutines
-- Returns {2 = look again at once, 1 = there are more jobs, 3 = such as wait for a place of their kind only, 0 = there are none}, {jobs whose functions must be revealed before},
--   {job, execution, queue, {field, value, ...}, 1 = it is prefetched}, ...: sent again with the same number, the same jobs.
-- RQ's record of an execution comes later, for jobs that run on (show.lua): most have ended by then. Rate limited ones have it at once.
-- Expires: the last request (60 s).
local now, rq, out = clock_ms(ARGV[1]), ARGV[7], {0, {}}
local iso = ARGV[5] ~= '' and ARGV[5] or iso_of(now)
if redis.call('EXISTS', KEYS[3]) == 1 then return out end
local most, limited, lists = {}, {}, {unpack(KEYS, 7)}
for i, word in ipairs(redis.call('HGETALL', KEYS[5])) do
  if i % 2 == 1 then limited[#limited + 1] = word else most[limited[#limited]] = tonumber(word) or math.huge end
end
for _, kind in ipairs(limited) do
  for i = 7, most[kind] > 0 and #KEYS or 0 do lists[#lists + 1] = KEYS[i] .. '.' .. kind end
end
local function rest()
  if redis.call('EXISTS', unpack(KEYS, 7)) > 0 then return 1 end
  return #lists > #KEYS - 6 and redis.call('EXISTS', unpack(lists)) > 0 and 3 or 0
end
local before = redis.call('GET', KEYS[2])
if before and string.match(before, '^(%S+)') == ARGV[6] then
  for job, execution, queue in string.gmatch(before, '(%S+):(%S+)=(%S+)') do
    if redis.call('ZSCORE', KEYS[1], job .. ':' .. execution) then
      local seen = redis.call('HMGET', rq .. 'job:' .. job, 'status', 'prefetched')
      local ahead = seen[1] == 'queued' and seen[2] == execution and 1 or 0
      out[#out + 1] = {job, execution, queue, redis.call('HGETALL', rq .. 'job:' .. job), ahead}
    end
  end
  out[1] = rest()
  return out
end

local free = {[false] = tonumber(ARGV[2]), [true] = tonumber(ARGV[8])}
if free[false] + free[true] <= 0 then
  out[1] = rest()
  return out
end
local ahead = {[false] = tonumber(ARGV[10]), [true] = tonumber(ARGV[11])}
local kept, shares = {[false] = 0, [true] = 0}, {} -- kept: places that the queue which is worked off leaves to the others
for number in string.gmatch(ARGV[12], '%d+') do shares[#shares + 1] = tonumber(number) end
local taken, memo, is_coroutine, now_ours = 0, {ARGV[6]}, {}, {}
for i = 13, #ARGV do is_coroutine[ARGV[i]] = true end
-- As text, once: Redis prints and reads the number of a script slowly.
local day, lease_end = string.format('%d', now / 1000 + 86400), string.format('%d', now + ARGV[3])

-- What is written for several jobs at once: their leases, RQ's registry of those that run, and what its worker has in hand.
redis.call('ZSCORE', KEYS[1], '') -- a broken key raises here, before anything was changed
local leased, shown, in_hand, MOST = {}, {}, {}, 1000
local function write_down()
  if #leased == 0 then return end
  redis.call('ZADD', KEYS[1], unpack(leased))
  for key, members in pairs(shown) do redis.pcall('ZADD', key, unpack(members)) end -- pcall: a broken record of RQ's stops no job
  if #in_hand > 0 then redis.pcall('SADD', rq .. 'worker:' .. ARGV[4] .. ':executions', unpack(in_hand)) end
  leased, shown, in_hand = {}, {}, {}
end
local function note_down(member, queue, starts)
  local wip = rq .. 'wip:' .. queue
  leased[#leased + 1] = lease_end; leased[#leased + 1] = member
  if starts then
    shown[wip] = shown[wip] or {}
    shown[wip][#shown[wip] + 1] = day; shown[wip][#shown[wip] + 1] = member
    in_hand[#in_hand + 1] = member
  end
  if #leased >= 2 * MOST then write_down() end
end

local MOVES, moved, waits = 1000, 0, {} -- waits: kinds of which some are left waiting, in the queue that is worked off
local room, counted = {}, {}
local function has_room(kind)
  room[kind] = room[kind] or most[kind] - redis.call('ZCARD', ARGV[9] .. kind) -- at least so much: some of them have ended
  if room[kind] <= 0 and not counted[kind] then
    counted[kind] = true
    write_down()
    local runs = ARGV[9] .. kind
    room[kind] = most[kind] - redis.call('ZINTERSTORE', runs, 2, runs, KEYS[1], 'AGGREGATE', 'MAX')
  end
  return room[kind] > 0
end

local DATES, ISO = {'created_at', 'enqueued_at'}, '^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%d%.?%d*Z$'
local function refuse(id, queue, reason)
  redis.call('HSET', KEYS[4], id, cjson.encode({reason = reason, queue = queue, at_ms = now}))
  return true
end
-- Moves a job to those of its kind that wait; false when this look has moved enough.
local function move(id, queue, kind)
  local list = queue .. '.' .. kind
  if moved >= MOVES or type(redis.pcall('RPUSH', rq .. 'queue:' .. list, id)) ~= 'number' then return false end
  if not waits[kind] then redis.call('SADD', rq .. 'queues', rq .. 'queue:' .. list) end
  redis.call('HSET', rq .. 'job:' .. id, 'origin', list, 'kind', kind)
  moved, waits[kind] = moved + 1, true
  return true
end
-- True when the job may leave the list: it was taken or moved, or is none. `of`: the kind of which the list holds those that wait.
local function take(id, queue, of)
  local key = rq .. 'job:' .. id
  if not string.match(id, '^[%w_-]+$') then return refuse(id, queue, 'not an id of RQ') end
  local kind, seen = false, #limited > 0 and redis.pcall('HMGET', key, 'status', 'data', 'function')
  if seen and not seen.err and seen[1] == 'queued' then
    kind = kind_of(seen[2], seen[3], KEYS[6]) -- before the whole record is read: most of a full kind are only moved
    if most[kind] and (kind ~= of and waits[kind] or not has_room(kind)) then return kind ~= of and move(id, queue, kind) end
    if kind == nil and seen[2] then
      out[2] = {id}
      return false
    end
  end
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
  if now_ours[id] or (job.prefetched and redis.call('ZSCORE', KEYS[1], id .. ':' .. job.prefetched)) then
    return true -- somebody queued it again
  end
  local on_loop = is_coroutine[string.match(job.data, '^%["([^"]+)"')] or false
  if free[on_loop] <= 0 then return false end
  local starts = free[on_loop] + kept[on_loop] > ahead[on_loop] or job.rate_limit_key
  free[on_loop] = free[on_loop] - 1
  taken, now_ours[id] = taken + 1, true
  local execution = ARGV[4] .. '-' .. ARGV[6] .. '-' .. taken
  local member = id .. ':' .. execution
  if starts then
    redis.call('HSET', key, 'status', 'started', 'worker_name', ARGV[4], 'started_at', iso, 'last_heartbeat', iso)
  else
    redis.call('HSET', key, 'prefetched', execution)
  end
  note_down(member, queue, starts)
  if job.rate_limit_key then -- RQ lets the next one go when it finds no execution of this one
    show_execution(rq, member, id, execution, ARGV[4], string.format('%.3f', now / 1000))
  end
  if of or most[kind] then redis.call('HSET', key, 'origin', queue, 'kind', kind) end
  if most[kind] then
    redis.call('ZADD', ARGV[9] .. kind, lease_end, member)
    room[kind] = room[kind] - 1
  end
  memo[#memo + 1] = member .. '=' .. queue
  out[#out + 1] = {id, execution, queue, fields, starts and 0 or 1}
  return true
end

-- Takes from the front of a list; true when jobs are left there that cannot be taken now.
local function work_off(list, queue, of)
  while free[false] + free[true] > 0 do
    local ids, gone = redis.pcall('LRANGE', list, 0, (moved > 0 and 100 or math.max(free[false], free[true])) - 1), 0
    if ids.err then ids = refuse(string.sub(list, #rq + 1), queue, ids.err) and {} end
    while gone < #ids and free[false] + free[true] > 0 and take(ids[gone + 1], queue, of) do gone = gone + 1 end
    if gone > 0 then redis.call('LTRIM', list, gone, -1) end
    for i = gone + 2, out[2][1] and math.min(#ids, gone + 100) or 0 do out[2][#out[2] + 1] = ids[i] end
    if gone < #ids or #ids == 0 then return #ids > 0 end
  end
end
-- A limit that was taken away is forgotten when none of its kind waits any more.
local function forget(kind)
  local names = {}
  for _, name in ipairs(redis.call('SMEMBERS', rq .. 'queues')) do
    if string.sub(name, -#kind - 1) == '.' .. kind then names[#names + 1] = name end
  end
  if #names > 0 and redis.call('EXISTS', unpack(names)) > 0 then return end
  if #names > 0 then redis.call('SREM', rq .. 'queues', unpack(names)) end
  redis.call('HDEL', KEYS[5], kind)
  redis.call('DEL', ARGV[9] .. kind)
end

local function serve(i)
  if out[2][1] or moved >= MOVES then return end
  local queue = string.sub(KEYS[i], #rq + 7)
  waits = {}
  for _, kind in ipairs(limited) do
    local list = KEYS[i] .. '.' .. kind
    waits[kind] = redis.call('EXISTS', list) == 1 and (not has_room(kind) or work_off(list, queue, kind))
  end
  work_off(KEYS[i], queue)
end
-- Leaves so many of the free places; returns how many of them there are not.
local function leave(on_loop, most)
  kept[on_loop] = math.max(0, free[on_loop] - most)
  free[on_loop] = free[on_loop] - kept[on_loop]
  return most - free[on_loop]
end
-- Lets a queue have so many places. Returns whether it took all of those of a sort, then how many it left.
local function serve_share(i, threads, coroutines)
  if threads + coroutines == 0 then return true, 0, 0 end
  threads, coroutines = leave(false, threads), leave(true, coroutines)
  if free[false] + free[true] > 0 then serve(i) end
  local took_all = (kept[false] > 0 and free[false] == 0) or (kept[true] > 0 and free[true] == 0)
  threads, coroutines = threads + free[false], coroutines + free[true]
  free[false], free[true] = free[false] + kept[false], free[true] + kept[true]
  kept[false], kept[true] = 0, 0
  return took_all, threads, coroutines
end
local fine, broken = pcall(function()
  local first, threads, coroutines, any_more, has_more = shares[1], 0, 0, false, {}
  for n = 1, (#shares - 1) / 2 do
    local i = n == 1 and first or n <= first and n - 1 or n
    has_more[i], threads, coroutines = serve_share(i + 6, shares[2 * i] + threads, shares[2 * i + 1] + coroutines)
    any_more = any_more or has_more[i]
    if any_more then threads, coroutines = 0, 0 end -- what the others left is its as well
  end
  for i = 7, #KEYS do
    if free[false] + free[true] <= 0 then break end
    if has_more[i - 6] ~= false then serve(i) end
  end
end)
write_down() -- also where a key is broken: what was taken is ours, and told when we are asked again
if taken > 0 then redis.call('SET', KEYS[2], table.concat(memo, ' '), 'EX', 60) end
if not fine then error(broken) end
for _, kind in ipairs(limited) do
  if most[kind] == math.huge then forget(kind) end
end
out[1] = (out[2][1] or moved >= MOVES) and 2 or rest()
return out
