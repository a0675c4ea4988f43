-- How many jobs came into a queue, and how many of its jobs were over, minute by minute: a hash of each hour, minute|what|queue → how many.
-- Constants FLOW_PREFIX, FLOW_TTL_S
local flow = {}
-- `what`: in, out. Counted here, and written once by the script that calls `write_flow` at its end.
local function count_flow(what, queue)
  local name = '|' .. what .. '|' .. queue
  flow[name] = (flow[name] or 0) + 1
end
-- `at`: the time as RQ writes it. pcall: no job may wait because the key is broken.
local function write_flow(at)
  local key, minute = FLOW_PREFIX .. string.sub(at, 1, 13), string.sub(at, 15, 16)
  for name, number in pairs(flow) do
    local counted = redis.pcall('HINCRBY', key, minute .. name, number)
    if counted == number then redis.pcall('EXPIRE', key, FLOW_TTL_S) end -- a new field: perhaps a new hour
  end
  flow = {}
end
