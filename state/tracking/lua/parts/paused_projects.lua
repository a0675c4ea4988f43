-- Paused projects: a batch takes nothing of them.
-- Uses engine/pauses
local function paused_projects(pauses, now)
  local names, found = {}, redis.call('EXISTS', pauses) == 1 and redis.pcall('HGETALL', pauses) or {}
  for i = 1, found.err and 0 or #found, 2 do
    local name = string.match(found[i], '^project:(.+)$')
    if name and is_in_force(found[i + 1], now) then names[#names + 1] = name end
  end
  return names
end
-- Takes them out of the ring. Returns a function that puts them back, not before the virtual time: nobody saves up turns in a pause.
local function hold_projects(ring, names)
  local held = {}
  for _, name in ipairs(names) do
    local turn = redis.call('ZSCORE', ring, name)
    if turn then
      redis.call('ZREM', ring, name)
      held[#held + 1] = {name, tonumber(turn)}
    end
  end
  return function(virtual_time)
    for _, one in ipairs(held) do redis.call('ZADD', ring, string.format('%.17g', math.max(one[2], virtual_time)), one[1]) end
  end
end
