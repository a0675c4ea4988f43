-- Reads everything that says where a job is, in one step.
-- Uses store/clock, engine/kinds, engine/blocked_lists, engine/safe_reads
-- KEYS
--   job          the job (hash)
--   leases       leases (zset: job:execution → end, ms)
--   quarantined  what is no job (hash: id → why, JSON)
--   limits       limits (hash: kind → most)
--   kinds        kinds (hash: function → kind)
-- ARGV
--   now_ms       '' = server time
--   rq           prefix of RQ's keys
--   runs         prefix of the runs of a kind (zsets)
--   slots        prefix of the places that calls outside a job use (zsets)
--   id           its id
--   most         so many names of a list are looked through, from each end
--   names...     fields of its record
-- Returns {now (ms), 1 where it has a record, {value of each field}, its kind ('' = unknown), its own queue, length of the list it should
--   stand in, its place there (from 0; -1 = it is not there, -2 = it is in the middle of a longer list, or nowhere), 1 where a stock
--   worker has it in hand, end of its lease (ms, '' = none), when it is due (s, '' = it is not delayed), why it is in quarantine ('' = it is
--   not), limit of its kind ('' = none), runs of that kind, calls outside a job that use or want a place, jobs blocked before its queue's
--   others}. Expires nothing.
local now = clock_ms(now_ms)
local function place_in(list, length)
  local depth = tonumber(most)
  local place = redis.pcall('LPOS', list, id, 'MAXLEN', most)
  if type(place) ~= 'number' and length > depth then place = redis.pcall('LPOS', list, id, 'RANK', '-1', 'MAXLEN', most) end
  if type(place) == 'number' then return place end
  return length > 2 * depth and -2 or -1
end
local function end_of_lease()
  local begins = id .. ':'
  for _, lease in ipairs(redis.pcall('ZRANGE', leases, 0, -1)) do
    if string.sub(lease, 1, #begins) == begins and not string.find(lease, ':', #begins + 1, true) then
      return text('ZSCORE', leases, lease)
    end
  end
  return ''
end
local told = redis.pcall('HMGET', job, 'status', 'origin', 'kind', 'data', 'function')
if told.err then told = {} end
local origin = told[2] or ''
local is_known, kind = pcall(kind_of, told[4], told[5], kinds)
kind = told[3] or is_known and kind or ''
local function running()
  local count, found = 0, redis.pcall('ZRANGE', runs .. kind, -10000, -1)
  for _, lease in ipairs(found.err and {} or found) do
    if redis.pcall('ZSCORE', leases, lease) then count = count + 1 end
  end
  return count
end
local queue = home(origin, told[3] or '')
local list = rq .. 'queue:' .. origin
local length = number('LLEN', list)
local place = told[1] == 'queued' and place_in(list, length) or -1
local in_hand = place == -1 and type(redis.pcall('LPOS', list .. ':intermediate', id)) == 'number' and 1 or 0
local holds = told[1] == 'queued' or told[1] == 'started'
return {string.format('%d', now), number('EXISTS', job), fields(job, unpack(ARGV, names_at)), kind, queue, length, place, in_hand,
  holds and end_of_lease() or '', text('ZSCORE', rq .. 'scheduled:' .. queue, id), text('HGET', quarantined, id), text('HGET', limits, kind),
  kind ~= '' and running() or 0, number('ZCOUNT', slots .. kind, string.format('%d', now), '+inf'),
  number('LLEN', rq .. 'queue:' .. queue .. '.' .. kind)}
