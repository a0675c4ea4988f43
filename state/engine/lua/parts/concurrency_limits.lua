-- Concurrency limits: at most so many jobs of a kind run at a time. A job that has no place must not hold up those behind it:
-- it is moved to a list of its kind and queue (parts/blocked_lists.lua). It is moved once, in order. The jobs of that list came before
-- all that are still in the queue, so they go first as soon as there is room.
-- Uses engine/kinds
-- A run counts while it is leased, so the count cannot drift. `by_setting`: limits of the settings (`serp=40`), beside those set by
-- hand; the lower one counts. `before_count` writes the leases that are not written yet.
local function concurrency_limits(store, by_setting, before_count)
  local most, by_hand, of_setting, kinds, room, counted, moved, MOVES = {}, {}, {}, {}, {}, {}, 0, 1000
  local function limit(kind, number)
    if not most[kind] then kinds[#kinds + 1] = kind end
    most[kind] = math.min(most[kind] or math.huge, number)
  end
  local found = redis.call('HGETALL', store.limits)
  for i = 1, #found, 2 do
    by_hand[found[i]] = found[i + 1]
    limit(found[i], tonumber(found[i + 1]) or math.huge)
  end
  for kind, number in string.gmatch(by_setting, '([^ =]+)=(%d+)') do
    of_setting[kind] = true
    limit(kind, tonumber(number))
  end
  local limits = {any = #kinds > 0, kinds = kinds, has_left = {}} -- has_left: kinds of which the served queue keeps blocked jobs
  function limits.has(kind) return most[kind] ~= nil end
  function limits.has_moved() return moved > 0 end
  function limits.has_moved_enough() return moved >= MOVES end
  -- Calls outside a job that use a place of the kind, each with a lease of its own (`serp check`).
  local function direct_runs(kind)
    return of_setting[kind] and redis.call('ZCOUNT', store.slots .. kind, '(' .. string.format('%d', store.now), '+inf') or 0
  end
  function limits.has_room(kind)
    local runs = store.runs .. kind
    room[kind] = room[kind] or most[kind] - redis.call('ZCARD', runs) - direct_runs(kind) -- at least: some have ended
    if room[kind] <= 0 and not counted[kind] then
      counted[kind] = true
      before_count()
      local running = redis.call('ZINTERSTORE', runs, 2, runs, store.leases, 'AGGREGATE', 'MAX')
      room[kind] = most[kind] - running - direct_runs(kind)
    end
    return room[kind] > 0
  end
  -- Whether a job may not start before its kind is resolved. Where only settings limit, it may while those kinds have room: a job
  -- that RQ's own tools queued would else cost a round trip more.
  function limits.needs_kind()
    if next(by_hand) then return true end
    for kind in pairs(of_setting) do
      if not limits.has_room(kind) then return true end
    end
    return false
  end
  function limits.count(kind, lease, lease_end)
    redis.call('ZADD', store.runs .. kind, lease_end, lease)
    room[kind] = room[kind] - 1
  end
  -- Moves a job to the blocked ones of its kind; false where this look has moved enough.
  function limits.block(id, queue, kind)
    local list = queue .. '.' .. kind
    if moved >= MOVES or type(redis.pcall('RPUSH', store.rq .. 'queue:' .. list, id)) ~= 'number' then return false end
    if not limits.has_left[kind] then
      redis.call('SADD', store.rq .. 'queues', store.rq .. 'queue:' .. list)
      redis.call('HSETNX', store.limits, kind, '') -- shows where jobs are blocked, also where the limit is a setting
    end
    redis.call('HSET', store.rq .. 'job:' .. id, 'origin', list, 'kind', kind)
    moved, limits.has_left[kind] = moved + 1, true
    return true
  end
  local function lists_of(queues, least)
    local lists = {}
    for _, kind in ipairs(kinds) do
      for _, queue in ipairs(most[kind] >= least and queues or {}) do lists[#lists + 1] = queue .. '.' .. kind end
    end
    return lists
  end
  -- Whether a job of this queue is blocked.
  function limits.any_in(queue)
    return moved > 0 or (next(by_hand) and redis.call('EXISTS', unpack(lists_of({queue}, 0))) > 0)
  end
  -- Whether a job of these queues is blocked that may start by itself: a limit of 0 has no room until somebody changes it.
  function limits.any_blocked(queues)
    local lists = lists_of(queues, 1)
    return #lists > 0 and (moved > 0 or next(by_hand)) and redis.call('EXISTS', unpack(lists)) > 0
  end
  -- A limit that was removed is forgotten when no job of its kind is blocked any more.
  local function forget(kind)
    local names = {}
    for _, name in ipairs(redis.call('SMEMBERS', store.rq .. 'queues')) do
      if string.sub(name, -#kind - 1) == '.' .. kind then names[#names + 1] = name end
    end
    if #names > 0 and redis.call('EXISTS', unpack(names)) > 0 then return end
    if #names > 0 then redis.call('SREM', store.rq .. 'queues', unpack(names)) end
    redis.call('HDEL', store.limits, kind)
    if not of_setting[kind] then redis.call('DEL', store.runs .. kind) end
  end
  function limits.forget_removed()
    for kind, number in pairs(by_hand) do
      if number == '' then forget(kind) end
    end
  end
  return limits
end
