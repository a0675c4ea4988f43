-- The requests in flight at a host: each holds a place until its lease ends.
-- Uses scraping/gate_keys
-- Constants MOST_LEASE_MS, FULL_MS
-- How many hold a place now. `member`: `<holder> <token>`. Another token of the same holder is an earlier run of the same job: it lost
-- the job, so it gives its place back here. Without `holder` nobody does. Returns also whether an earlier run was there.
local function places_taken(key, holder, member, now)
  sorted('ZREMRANGEBYSCORE', key, '-inf', ms(now))
  local count, was_lost = redis.call('ZCARD', key), false
  for _, other in ipairs(holder and count > 0 and redis.call('ZRANGE', key, 0, -1) or {}) do
    if string.sub(other, 1, #holder + 1) == holder .. ' ' and other ~= member then
      redis.call('ZREM', key, other)
      count, was_lost = count - 1, true
    end
  end
  local latest = now + MOST_LEASE_MS
  for _, other in ipairs(count > 0 and redis.call('ZRANGEBYSCORE', key, '(' .. ms(latest), '+inf') or {}) do
    redis.call('ZADD', key, ms(latest), other) -- the clock went back
  end
  return count, was_lost
end
-- When the holder's place ends (ms); nil where it has none.
local function place_until(key, member)
  return tonumber(redis.call('ZSCORE', key, member) or '')
end
-- When a place may come free (ms): as long after the first one was taken as they took lately, and soon where that is over.
local function place_free(key, lease_ms, took_ms, now)
  local first = number(redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2])
  return math.min(first, math.max(first - lease_ms + took_ms, now + math.max(FULL_MS, took_ms / 4)))
end
