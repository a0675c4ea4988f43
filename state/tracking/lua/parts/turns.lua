-- Turns in a queue: start-time fair queueing. Each job of a batch has a turn, and a list holds them in that order.
-- A project's first turn is the queue's time now, each further one comes 1 / weight later: projects with jobs in the queue are
-- served by weight, one that comes to a long queue is served next, and nobody saves up turns while it has none.
-- (Goyal, Vin, Cheng, "Start-time Fair Queueing", 1996. The queue's time is the turn of the job at its head.)
-- A turn counts for the place that the batch gave: a job that was leased since then, or that RQ wrote and queued, has none (RQ 2 writes
-- `started_at` with every job, 28 November 2026).
local function turn_of(job)
  local seen = redis.pcall('HMGET', job, 'turn', 'started_at', 'prefetched')
  if seen.err or seen[2] or seen[3] then return false end
  local turn = tonumber(seen[1] or '')
  return turn and turn >= 0 and turn < math.huge and turn
end
-- A list of jobs, read as far as it must be. Who has no turn keeps its place: it counts as who stands before it.
local function line_of(list, jobs)
  local line, ids, own, turns, PAGE = {list = list, length = redis.call('LLEN', list)}, {}, {}, {}, 16
  function line.own(at)
    if ids[at] == nil then
      local first = at - at % PAGE
      for n, id in ipairs(redis.call('LRANGE', list, first, first + PAGE - 1)) do ids[first + n - 1] = id end
    end
    -- Jobs of a batch are named so: those of others are passed without a look.
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
  -- How many stay before a job of this turn, where those before `low` do.
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
-- Puts jobs, which are in order, among those of a line. Of the list only the end is written anew that is shorter.
local function put_in(line, jobs)
  if #jobs == 0 then return end
  local places, merged = {}, {}
  for n, job in ipairs(jobs) do places[n] = places[n - 1] == line.length and line.length or line.place(job.turn, places[n - 1] or 0) end
  local first, last = places[1], places[#jobs]
  local at_front = last < line.length - first
  local at, moved = at_front and 0 or first, {}
  if first < line.length and (last > 0 or not at_front) then
    moved = redis.call('LRANGE', line.list, at, at_front and last - 1 or -1)
  end
  if at_front then redis.call('LTRIM', line.list, last, -1)
  elseif first > 0 then redis.call('LTRIM', line.list, 0, first - 1)
  else redis.call('DEL', line.list) end
  local taken = 0
  for n, job in ipairs(jobs) do
    while at + taken < places[n] do taken = taken + 1; merged[#merged + 1] = moved[taken] end
    merged[#merged + 1] = job.id
  end
  for n = taken + 1, #moved do merged[#merged + 1] = moved[n] end
  local count, verb, piece = #merged, at_front and 'LPUSH' or 'RPUSH', {}
  for n = 1, count do
    piece[#piece + 1] = merged[at_front and count + 1 - n or n]
    if #piece == 1000 or n == count then redis.call(verb, line.list, unpack(piece)); piece = {} end
  end
end
