-- A queue that projects share. Its jobs stand in a list, and those that the concurrency limit of their kind blocks in one before it.
-- `turns` (hash): project → its next turn, '' → the queue's time.
-- Uses tracking/turns, tracking/put_in
local MOST_SEARCHED = 5000
local function fair_queue(name, key, turns, jobs, kind)
  local queue = {name = name, new = {}, lines = {line_of(key, jobs)}}
  if kind then table.insert(queue.lines, 1, line_of(key .. '.' .. kind, jobs)) end
  local now, head, last, is_searched = tonumber(redis.call('HGET', turns, '') or 0), false, -math.huge, true
  for _, line in ipairs(queue.lines) do
    local at = 0
    while not head and at < math.min(line.length, MOST_SEARCHED) do head, at = line.own(at), at + 1 end
    is_searched = is_searched and line.length <= MOST_SEARCHED
    if head and line.length > 0 then last = math.max(last, line.turn(line.length - 1)) end
  end
  if head then now = math.max(now, head) end
  if not head and is_searched then redis.call('DEL', turns); now = 0 end -- nobody waits: all begin anew
  queue.length, queue.span = queue.lines[1].length + (kind and queue.lines[2].length or 0), math.max(0, last - now)
  local next_turns = {}
  function queue.next_turn(project)
    next_turns[project] = next_turns[project] or tonumber(redis.call('HGET', turns, project) or 0)
    return math.max(now, next_turns[project])
  end
  function queue.is_near(project, span) return queue.next_turn(project) <= now + span end
  function queue.add(project, id, weight)
    local turn = queue.next_turn(project)
    next_turns[project] = turn + 1 / weight
    queue.new[#queue.new + 1] = {turn = turn, id = id, number = #queue.new}
    return string.format('%.17g', turn)
  end
  -- Jobs whose turn comes before the last blocked job are blocked, too.
  local function put_blocked()
    local line, blocked = queue.lines[1], {}
    local latest = line.length > 0 and line.turn(line.length - 1) or -math.huge
    while queue.new[1] and queue.new[1].turn < latest do
      blocked[#blocked + 1] = table.remove(queue.new, 1)
      redis.call('HSET', jobs .. blocked[#blocked].id, 'origin', name .. '.' .. kind, 'kind', kind)
    end
    put_in(line, blocked)
  end
  -- Writes down what was added; returns how many.
  function queue.put(lifetime_s)
    local count = #queue.new
    if count == 0 then return 0 end
    table.sort(queue.new, function(a, b) return a.turn < b.turn or (a.turn == b.turn and a.number < b.number) end)
    if kind then put_blocked() end
    put_in(queue.lines[#queue.lines], queue.new)
    local fields = {'', string.format('%.17g', now)}
    for project, turn in pairs(next_turns) do
      fields[#fields + 1] = project
      fields[#fields + 1] = string.format('%.17g', turn)
    end
    redis.call('HSET', turns, unpack(fields))
    redis.call('EXPIRE', turns, lifetime_s)
    return count
  end
  return queue
end
-- The kind of a function's jobs, where it has a concurrency limit.
local function limited_kind(path, limits, kinds)
  local kind = redis.call('EXISTS', limits) == 1 and redis.call('HGET', kinds, path)
  return kind and redis.call('HEXISTS', limits, kind) == 1 and kind or nil
end
