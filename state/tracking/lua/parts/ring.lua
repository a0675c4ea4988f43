-- The ring: projects with due keywords, by the virtual time of their next turn.
-- Uses tracking/due
-- Puts up to `most` projects whose earliest keyword is due into the ring. A project that was inactive goes on with the turn it had.
local function join_ring(ring, waiting, project_prefix, now, most, virtual_time)
  for _, project in ipairs(redis.call('ZRANGEBYSCORE', waiting, '-inf', now, 'LIMIT', 0, math.max(most, 0))) do
    redis.call('ZREM', waiting, project)
    local turn = tonumber(redis.call('HGET', project_prefix .. project, 'turn') or 0)
    redis.call('ZADD', ring, math.max(turn, virtual_time), project)
  end
end
-- Takes a project without due keywords out of the ring, until its next keyword is due.
local function leave_ring(ring, waiting, project, due)
  redis.call('ZREM', ring, project)
  local next_due = next_look(due)
  if next_due then redis.call('ZADD', waiting, next_due, project) end
end
-- Gives a function that says the weight of a project, and reads each once.
local function weights_in(weights)
  local known = {}
  return function(project)
    known[project] = known[project] or tonumber(redis.call('HGET', weights, project) or 1)
    return known[project]
  end
end
local function keys_of(set)
  local found = {}
  for key in pairs(set) do found[#found + 1] = key end
  return found
end
