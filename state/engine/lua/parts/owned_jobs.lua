-- Jobs of an owner that are not over: a sorted set (job id → since, ms); a set has the owners. `owned`: prefix of the sorted sets.
-- pcall: no job may wait because a key of these is broken.
local function add_owned(owned, owner, id, now_ms)
  redis.pcall('SADD', string.sub(owned, 1, -2), owner)
  redis.pcall('ZADD', owned .. owner, string.format('%d', now_ms), id)
end
local function drop_owned(owned, owner, id)
  if owner then redis.pcall('ZREM', owned .. owner, id) end
end
