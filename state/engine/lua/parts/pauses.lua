-- Pauses: what is held until somebody resumes it, or its time is over. A hash has them: scope (`queue:low`) → JSON.
-- A pause without `until_ms` has no end. What cannot be read holds nothing.
local function is_in_force(raw, now)
  if type(raw) ~= 'string' then return false end
  local readable, pause = pcall(cjson.decode, raw)
  if not readable or type(pause) ~= 'table' then return false end
  local ends = tonumber(pause.until_ms)
  return not ends or ends > now
end
-- Which of these names are paused, as a set. `class`: queue, kind ...
local function paused_of(pauses, class, names, now)
  local scopes, found = {}, {}
  for i, name in ipairs(names) do scopes[i] = class .. ':' .. name end
  local raws = scopes[1] and redis.pcall('HMGET', pauses, unpack(scopes)) or {}
  for i, name in ipairs(raws.err and {} or names) do
    if is_in_force(raws[i], now) then found[name] = true end
  end
  return found
end
-- All kinds of jobs that a worker announced.
local function known_kinds(kinds)
  local names, seen, found = {}, {}, redis.pcall('HVALS', kinds)
  for _, kind in ipairs(found.err and {} or found) do
    if not seen[kind] then seen[kind], names[#names + 1] = true, kind end
  end
  return names
end
-- Notes in `store` what a worker may not take: paused_queues (keys), paused_kinds. Returns the queues that are not paused.
-- `pauses` false: nothing is paused at all.
local function hold_paused(store, pauses, queue_keys)
  store.paused_queues, store.paused_kinds = {}, {}
  if not pauses then return queue_keys end
  local names, open, start = {}, {}, #store.rq + 7
  for i, key in ipairs(queue_keys) do names[i] = string.sub(key, start) end
  local paused = paused_of(pauses, 'queue', names, store.now)
  for i, key in ipairs(queue_keys) do
    if paused[names[i]] then store.paused_queues[key] = true else open[#open + 1] = key end
  end
  store.paused_kinds = paused_of(pauses, 'kind', known_kinds(store.kinds), store.now)
  return open
end
