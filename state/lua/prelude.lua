-- Put before every script: the clock they share, and which RQ states are final.
local function clock_ms(given)
  if given ~= '' then return tonumber(given) end
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end
local FINAL = {finished = true, failed = true, canceled = true, stopped = true}
-- A claim is good while its job exists and is not over.
local function alive(job_key)
  local status = redis.call('HGET', job_key, 'status')
  return status and not FINAL[status]
end
-- Does this holder still hold its claim? A holder that is no job (a direct call) keeps it for 15 minutes.
local function holds(holder, jobs, since_ms, now_ms)
  if alive(jobs .. holder) then return true end
  return string.sub(holder, 1, 7) == 'direct-' and now_ms - (tonumber(since_ms) or 0) < 900000
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
