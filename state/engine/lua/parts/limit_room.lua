-- Which kinds are limited, and whether one more job of a kind may run.
-- A run counts while it is leased, so the count cannot drift. A setting limits one kind, beside the limits set by hand; the lower
-- limit counts. `before_count` writes the leases that are not written yet.
local function limit_room(store, setting_kind, setting_limit, before_count)
  local most, by_hand, kinds, room, counted = {}, {}, {}, {}, {}
  local function limit(kind, number)
    if not most[kind] then kinds[#kinds + 1] = kind end
    most[kind] = math.min(most[kind] or math.huge, number)
  end
  local found = redis.call('HGETALL', store.limits)
  for i = 1, #found, 2 do
    by_hand[found[i]] = found[i + 1]
    limit(found[i], tonumber(found[i + 1]) or math.huge)
  end
  limit(setting_kind, setting_limit)
  for kind in pairs(store.paused_kinds) do limit(kind, 0) end
  local limits = {kinds = kinds, most = most, by_hand = by_hand}
  function limits.has(kind) return most[kind] ~= nil end
  -- Calls outside a job that use a place of the kind, each with a lease of its own (`serp check`).
  -- One that waits for a place counts too: else the next job would always be faster.
  local function direct_runs(kind)
    if kind ~= setting_kind then return 0 end
    local slots, after = store.slots .. kind, '(' .. string.format('%d', store.now)
    return redis.call('ZCOUNT', slots, after, '+inf') + redis.call('ZCOUNT', slots .. ':waiting', after, '+inf')
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
  -- Whether a job may not start before its kind is resolved. Where only the setting limits, it may while that kind has room: a job
  -- that RQ's own tools queued would else cost a round trip more.
  function limits.needs_kind()
    return next(by_hand) ~= nil or next(store.paused_kinds) ~= nil or not limits.has_room(setting_kind)
  end
  -- A job whose kind is unresolved counts as one of the kind that the setting limits: it may be one.
  function limits.count(kind, lease, lease_end)
    kind = kind or setting_kind
    redis.call('ZADD', store.runs .. kind, lease_end, lease)
    room[kind] = room[kind] - 1
  end
  return limits
end
