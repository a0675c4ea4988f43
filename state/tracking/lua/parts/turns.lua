-- Turns in a queue: start-time fair queueing. Each job of a batch has a turn, and a list holds them in that order.
-- A project's first turn is the queue's time now, each further one comes 1 / weight later: projects with jobs in the queue are
-- served by weight, one that comes to a long queue is served next, and nobody saves up turns while it has none.
-- (Goyal, Vin, Cheng, "Start-time Fair Queueing", 1996. The queue's time is the turn of the job at its head.)
-- A turn counts for the place that the batch gave. A job that was leased since then, or that RQ wrote and queued, has no turn.
-- (RQ 2 writes `started_at` with every job, 28 November 2026.)
local function turn_of(job)
  local record = redis.pcall('HMGET', job, 'turn', 'started_at', 'prefetched')
  if record.err or record[2] or record[3] then return false end
  local turn = tonumber(record[1] or '')
  return turn and turn >= 0 and turn < math.huge and turn
end
-- A list of jobs, read as far as it must be. A job without a turn keeps its place: it counts like the job before it.
local function line_of(list, jobs)
  local line, ids, own, turns, PAGE = {list = list, length = redis.call('LLEN', list)}, {}, {}, {}, 16
  function line.own(at)
    if ids[at] == nil then
      local first = at - at % PAGE
      for n, id in ipairs(redis.call('LRANGE', list, first, first + PAGE - 1)) do ids[first + n - 1] = id end
    end
    -- Jobs of a batch are named so: other jobs are passed without a look.
    if own[at] == nil then own[at] = string.sub(ids[at] or '', 1, 5) == 'serp-' and turn_of(jobs .. ids[at]) end
    return own[at]
  end
  function line.turn(at)
    local from = at
    while at >= 0 and turns[at] == nil and not line.own(at) do at = at - 1 end
    local turn = at >= 0 and (turns[at] or own[at]) or -math.huge
    for n = math.max(at, 0), from do turns[n] = turn end
    return turn
  end
  -- How many jobs stay before a job of this turn, where the first `low` do.
  function line.place(turn, low)
    if line.length == 0 or line.turn(line.length - 1) <= turn then return line.length end
    local high, step = line.length - 1, 1
    while low + step < high and line.turn(low + step) <= turn do low, step = low + step + 1, step * 2 end
    high = math.min(high, low + step)
    while low < high do
      local middle = math.floor((low + high) / 2)
      if line.turn(middle) <= turn then low = middle + 1 else high = middle end
    end
    return low
  end
  return line
end
