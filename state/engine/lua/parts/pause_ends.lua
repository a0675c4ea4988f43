-- Pauses that end by themselves: a sorted set has their ends (scope → ms).
-- Uses engine/wakeups
-- Constants MOST_WAKEUPS
-- Removes those whose time is over, and wakes idle workers for what they held. Returns ms until the next one ends (huge = never).
local function end_pauses(pauses, ends, now, wakeups)
  if redis.call('EXISTS', ends) == 0 then return math.huge end
  local over = redis.pcall('ZRANGEBYSCORE', ends, '-inf', string.format('%d', now), 'LIMIT', 0, 1000)
  if over.err then return math.huge end
  for _, scope in ipairs(over) do
    redis.call('ZREM', ends, scope)
    redis.pcall('HDEL', pauses, scope)
  end
  if over[1] then wake(wakeups, MOST_WAKEUPS) end
  local head = redis.call('ZRANGE', ends, 0, 0, 'WITHSCORES')
  return head[2] and math.max(0, head[2] - now) or math.huge
end
