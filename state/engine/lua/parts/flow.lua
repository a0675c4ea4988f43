-- How many jobs came into a queue, and how many of its jobs were over, minute by minute: a hash of each hour, minute|what|queue → how many.
-- Constants FLOW_PREFIX, FLOW_TTL_S
-- `what`: |in| or |out|. `numbers`: queue → how many; it is empty afterwards. `at`: the time as RQ writes it.
-- pcall: no job may wait because the key is broken.
local function count_flow(what, numbers, at)
  local key, minute = FLOW_PREFIX .. string.sub(at, 1, 13), string.sub(at, 15, 16) .. what
  for queue, number in pairs(numbers) do
    numbers[queue] = nil
    local counted = redis.pcall('HINCRBY', key, minute .. queue, number)
    if counted == number then redis.pcall('EXPIRE', key, FLOW_TTL_S) end -- a new field: perhaps a new hour
  end
end
