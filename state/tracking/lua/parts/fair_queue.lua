-- A queue that projects share. Its jobs stand in a list, and those that wait for a place of their kind in one before it.
-- `turns` (hash): project → its next turn, '' → the queue's time.
local function fair_queue(name, key, turns, jobs, kind)
  local queue = {name = name, new = {}, lines = {line_of(key, jobs)}}
  if kind then table.insert(queue.lines, 1, line_of(key .. '.' .. kind, jobs)) end
  local now, head, last, all, MOST = tonumber(redis.call('HGET', turns, '') or 0), false, -math.huge, true, 5000
  for _, line in ipairs(queue.lines) do
    local at = 0
    while not head and at < math.min(line.length, MOST) do head, at = line.own(at), at + 1 end
    all = all and line.length <= MOST
    if head and line.length > 0 then last = math.max(last, line.turn(line.length - 1)) end
  end
  if head then now = math.max(now, head) end
  if not head and all then redis.call('DEL', turns); now = 0 end -- nobody waits: all begin anew
  queue.length, queue.span = queue.lines[1].length + (kind and queue.lines[2].length or 0), math.max(0, last - now)
  local coming = {}
  function queue.next_turn(project)
    coming[project] = coming[project] or tonumber(redis.call('HGET', turns, project) or 0)
    return math.max(now, coming[project])
  end
  function queue.is_near(project, span) return queue.next_turn(project) <= now + span end
  function queue.add(project, id, weight)
    local turn = queue.next_turn(project)
    coming[project] = turn + 1 / weight
    queue.new[#queue.new + 1] = {turn = turn, id = id, number = #queue.new}
    return string.format('%.17g', turn)
  end
  -- Writes down what was added; returns how many.
  function queue.put(lifetime_s)
    local count = #queue.new
    if count == 0 then return 0 end
    table.sort(queue.new, function(a, b) return a.turn < b.turn or (a.turn == b.turn and a.number < b.number) end)
    local told, before, waiting = {'', string.format('%.17g', now)}, queue.lines[2] and queue.lines[1], {}
    local latest = before and before.length > 0 and before.turn(before.length - 1) or -math.huge
    while queue.new[1] and queue.new[1].turn < latest do
      waiting[#waiting + 1] = table.remove(queue.new, 1)
      redis.call('HSET', jobs .. waiting[#waiting].id, 'origin', name .. '.' .. kind, 'kind', kind)
    end
    if before then put_in(before, waiting) end
    put_in(queue.lines[#queue.lines], queue.new)
    for project, turn in pairs(coming) do told[#told + 1] = project; told[#told + 1] = string.format('%.17g', turn) end
    redis.call('HSET', turns, unpack(told))
    redis.call('EXPIRE', turns, lifetime_s)
    return count
  end
  return queue
end
-- The kind of a function's jobs, where it has a limit.
local function limited_kind(path, limits, kinds)
  local kind = redis.call('EXISTS', limits) == 1 and redis.call('HGET', kinds, path)
  return kind and redis.call('HEXISTS', limits, kind) == 1 and kind or nil
end
