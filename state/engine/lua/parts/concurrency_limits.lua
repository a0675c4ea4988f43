-- Concurrency limits: at most so many jobs of a kind run at a time. A job that has no place must not hold up those behind it:
-- it is moved to a list of its kind and queue (parts/blocked_lists.lua). It is moved once, in order. The jobs of that list came before
-- all that are still in the queue, so they go first as soon as there is room.
-- Uses engine/limit_room
local function concurrency_limits(store, setting_kind, setting_limit, before_count)
  local limits, moved, MOVES = limit_room(store, setting_kind, setting_limit, before_count), 0, 1000
  local by_hand = limits.by_hand
  limits.has_left = {} -- kinds of which the served queue keeps blocked jobs
  function limits.has_moved() return moved > 0 end
  function limits.has_moved_enough() return moved >= MOVES end
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
    for _, kind in ipairs(limits.kinds) do
      for _, queue in ipairs(limits.most[kind] >= least and queues or {}) do lists[#lists + 1] = queue .. '.' .. kind end
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
    if kind ~= setting_kind then redis.call('DEL', store.runs .. kind) end
  end
  function limits.forget_removed()
    for kind, number in pairs(by_hand) do
      if number == '' then forget(kind) end
    end
  end
  return limits
end
