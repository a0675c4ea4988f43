-- Put before every script: the clock they share, which RQ states are final, where a job of a limited kind waits.
local function clock_ms(given)
  if given ~= '' then return tonumber(given) end
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end
-- A time as RQ writes it (from days since 1970: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
local function iso_of(ms)
  local z, rest = math.floor(ms / 86400000) + 719468, ms % 86400000
  local era = math.floor(z / 146097)
  local day = z - era * 146097
  local year = math.floor((day - math.floor(day / 1460) + math.floor(day / 36524) - math.floor(day / 146096)) / 365)
  day = day - (365 * year + math.floor(year / 4) - math.floor(year / 100))
  local month = math.floor((5 * day + 2) / 153)
  day = day - math.floor((153 * month + 2) / 5) + 1
  month = month < 10 and month + 3 or month - 9
  year = year + era * 400 + (month <= 2 and 1 or 0)
  return string.format('%04d-%02d-%02dT%02d:%02d:%09.6fZ', year, month, day, math.floor(rest / 3600000),
    math.floor(rest / 60000) % 60, rest % 60000 / 1000)
end
local FINAL = {finished = true, failed = true, canceled = true, stopped = true}
-- A claim is good while its job exists and is not over.
local function alive(job_key)
  local status = redis.call('HGET', job_key, 'status')
  return status and not FINAL[status]
end
-- Does this holder still hold its claim? A holder that is no job (a direct call) keeps it for a minute after it renewed it.
local function holds(holder, jobs, since_ms, now_ms)
  if alive(jobs .. holder) then return true end
  return string.sub(holder, 1, 7) == 'direct-' and now_ms - (tonumber(since_ms) or 0) < 60000
end
-- Wakes up to n idle workers: each waits for one entry of the list.
local function wake(list, n)
  n = math.min(n, 64 - redis.call('LLEN', list))
  for _ = 1, n do redis.call('LPUSH', list, 1) end
  if n > 0 then redis.call('EXPIRE', list, 60) end
end
-- Added to the time until which a keyword is held: those are below zero, at the head of the due times, where a zset moves them cheaply.
local HELD = -2199023255552
-- When a project next has something to look at: its earliest due keyword, or the first whose hold runs out. Nil where it has none.
local function next_look(due)
  local head = redis.call('ZRANGE', due, 0, 0, 'WITHSCORES')
  if not head[1] or tonumber(head[2]) >= 0 then return head[2] end
  local first = redis.call('ZRANGEBYSCORE', due, 0, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
  return string.format('%d', math.min(head[2] - HELD, first[2] or math.huge))
end
-- The kind of a job, by the function that its data begin with or, where RQ compressed them, that `reveal` wrote beside them.
-- '' = none that a worker told of; nil = its function must be revealed first.
local kinds_of = {}
local function kind_of(data, revealed, kinds)
  local path = string.match(data or '', '^%["([^"]+)"') or revealed
  if not path then return nil end
  kinds_of[path] = kinds_of[path] or redis.call('HGET', kinds, path) or ''
  return kinds_of[path]
end
-- The queue a job belongs to: while it waits for a place of its kind its record says `default.serp`.
local function home(origin, kind)
  local tail = '.' .. (kind or '')
  return #tail > 1 and string.sub(origin, -#tail) == tail and string.sub(origin, 1, -#tail - 1) or origin
end
-- Puts a job back to the front of where it waits: its queue or, while its kind has a limit, those of its kind that wait.
local function put_back(rq, id, queue, limits, kinds)
  local job, kind = rq .. 'job:' .. id, nil
  if redis.call('EXISTS', limits) == 1 then
    local seen = redis.call('HMGET', job, 'data', 'function')
    kind = kind_of(seen[1], seen[2], kinds)
  end
  local waiting = kind and redis.call('HEXISTS', limits, kind) == 1 and queue .. '.' .. kind
  if waiting and type(redis.pcall('LPUSH', rq .. 'queue:' .. waiting, id)) == 'number' then
    redis.call('HSET', job, 'origin', waiting, 'kind', kind)
    redis.call('SADD', rq .. 'queues', rq .. 'queue:' .. waiting)
  else
    redis.call('LPUSH', rq .. 'queue:' .. queue, id)
  end
end
-- Writes RQ's record of an execution, which its tools ask for; the worker has it in hand, whatever they concluded before it was there.
local function show_execution(rq, member, id, execution, worker, at)
  redis.pcall('HSET', rq .. 'execution:' .. member, 'id', execution, 'job_id', id, 'created_at', at, 'last_heartbeat', at,
    'worker_name', worker)
  redis.pcall('EXPIRE', rq .. 'execution:' .. member, '86400')
  redis.pcall('ZADD', rq .. 'executions:' .. id, string.format('%d', at + 86400), execution)
  redis.pcall('SADD', rq .. 'worker:' .. worker .. ':executions', member)
end
-- Keeps the table of waiting projects true after a project's due times changed.
local function refresh(project_id, project_key, ring, waiting)
  if redis.call('ZSCORE', ring, project_id) then return end
  local due = next_look(project_key .. ':due')
  if due and redis.call('HGET', project_key, 'active') == '1' then
    redis.call('ZADD', waiting, due, project_id)
  else
    redis.call('ZREM', waiting, project_id)
  end
end
