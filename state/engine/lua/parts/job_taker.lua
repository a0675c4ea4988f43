-- Takes jobs from the front of queues: each valid one starts, is prefetched, or is blocked by a limit.
-- Uses engine/kinds, engine/valid_job, engine/job_start
-- `store`: the keys of lease.lua; `places`, `book`, `limited`: see their parts. Each job taken is a row of `rows`.
local function job_taker(store, places, book, limited, rows)
  local rq, starter, taker = store.rq, job_start(store, book, rows), {unresolved = {}}
  local refuse = starter.refuse
  -- Whether the job may leave the list: it was taken or blocked, or is none. `blocked_kind`: the list holds blocked jobs of that kind.
  local function take(id, queue, blocked_kind)
    if not is_job_id(id) then return refuse(id, queue, 'not an id of RQ') end
    local key, job = rq .. 'job:' .. id, {}
    local fields = redis.pcall('HGETALL', key)
    if fields.err then return refuse(id, queue, fields.err) end
    for i = 1, #fields, 2 do job[fields[i]] = fields[i + 1] end
    if #fields == 0 or is_done_or_elsewhere(job.status) then return true end
    local defect = defect_of(job)
    if defect then return refuse(id, queue, defect) end
    local path = function_of(job.data)
    local kind = kind_of_function(path or job['function'], store.kinds)
    if kind == nil and limited.needs_kind() then
      taker.unresolved[1] = id
      return false
    end
    local is_limited = kind and limited.has(kind)
    if is_limited and ((kind ~= blocked_kind and limited.has_left[kind]) or not limited.has_room(kind)) then
      return kind ~= blocked_kind and limited.block(id, queue, kind)
    end
    if starter.is_taken[id] or (job.prefetched and redis.call('ZSCORE', store.leases, id .. ':' .. job.prefetched)) then
      return true -- somebody queued it again
    end
    local on_loop = path and store.is_coroutine[path] or false
    if not places.is_free(on_loop) then return false end
    local lease = starter.start(id, queue, job, fields, places.take(on_loop))
    if blocked_kind or is_limited then redis.call('HSET', key, 'origin', queue, 'kind', kind) end
    if is_limited or kind == nil then limited.count(kind, lease, book.lease_end) end
    return true
  end
  -- Whether jobs are left in the list that cannot be taken now.
  local function take_from(list, queue, blocked_kind)
    local unresolved = taker.unresolved
    while places.any() do
      local ids, gone = redis.pcall('LRANGE', list, 0, (limited.has_moved() and 100 or places.most()) - 1), 0
      if ids.err then ids = refuse(string.sub(list, #rq + 1), queue, ids.err) and {} end
      while gone < #ids and places.any() and take(ids[gone + 1], queue, blocked_kind) do gone = gone + 1 end
      if gone > 0 then redis.call('LTRIM', list, gone, -1) end
      for i = gone + 2, unresolved[1] and math.min(#ids, gone + 100) or 0 do unresolved[#unresolved + 1] = ids[i] end
      if gone < #ids or #ids == 0 then return #ids > 0 end
    end
  end
  function taker.serve(queue_key)
    if taker.is_unfinished() or store.paused_queues[queue_key] then return end
    local queue = string.sub(queue_key, #rq + 7)
    limited.has_left = {}
    if limited.any_in(queue_key) then
      for _, kind in ipairs(limited.kinds) do
        local list = queue_key .. '.' .. kind
        limited.has_left[kind] = redis.call('EXISTS', list) == 1 and (not limited.has_room(kind) or take_from(list, queue, kind))
      end
    end
    take_from(queue_key, queue)
  end
  function taker.is_unfinished() return taker.unresolved[1] ~= nil or limited.has_moved_enough() end
  return taker
end
