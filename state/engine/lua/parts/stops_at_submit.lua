-- What keeps submitted jobs from starting. `store` names the keys to read: suspended, halted, limits, workers.
local function is_served(workers_of_queue)
  local one = redis.pcall('SRANDMEMBER', workers_of_queue)
  if type(one) ~= 'string' then return false end
  if redis.call('EXISTS', one) == 1 then return true end
  for _, worker in ipairs(redis.call('SMEMBERS', workers_of_queue)) do -- some died unannounced
    if redis.call('EXISTS', worker) == 1 then return true end
  end
  return false
end
local function kinds_at_zero(limits)
  local found, kinds = redis.pcall('HGETALL', limits), {}
  for i = 2, found.err and 0 or #found, 2 do
    if found[i] == '0' then kinds[#kinds + 1] = found[i - 1] end
  end
  return kinds
end
-- '' = nothing; the queues that no living worker serves; or {these, suspended for (ms; -1 = for ever, -2 = not), why fetching is
-- halted, {kinds of which none may run}}.
local function stops_at_submit(store, queues)
  local unserved = {}
  for queue in pairs(queues) do
    if not is_served(store.workers .. ':' .. queue) then unserved[#unserved + 1] = queue end
  end
  local names = table.concat(unserved, ',')
  if redis.call('EXISTS', store.suspended, store.halted, store.limits) == 0 then return names end
  local halted, kinds, suspended = redis.pcall('GET', store.halted), kinds_at_zero(store.limits), redis.call('PTTL', store.suspended)
  halted = type(halted) == 'string' and halted or ''
  if suspended == -2 and halted == '' and #kinds == 0 then return names end
  return {names, suspended, halted, kinds}
end
