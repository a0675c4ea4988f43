-- The requests in flight at a host: each holds a place until its lease ends.
-- Uses scraping/gate_keys
-- Constants MOST_LEASE_MS, FULL_MS
-- Who holds a place now (member → end, ms). `member`: `<holder> <token>`. Another token of the same holder is an earlier run of the
-- same job: it lost the job, so it gives its place back here. Without `holder` nobody does. Returns also how many there are, and
-- whether an earlier run was there.
local function places_taken(key, holder, member, now)
  sorted('ZREMRANGEBYSCORE', key, '-inf', ms(now))
  local found, taken, count, was_lost = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES'), {}, 0, false
  for i = 1, #found, 2 do
    local other, ends = found[i], number(found[i + 1])
    if holder and other ~= member and string.sub(other, 1, #holder + 1) == holder .. ' ' then
      redis.call('ZREM', key, other)
      was_lost = true
    else
      if ends > now + MOST_LEASE_MS then -- the clock went back
        ends = now + MOST_LEASE_MS
        redis.call('ZADD', key, ms(ends), other)
      end
      taken[other], count = ends, count + 1
    end
  end
  return taken, count, was_lost
end
-- When a place may come free (ms): as long after the first one was taken as they took lately, and soon where that is over.
local function place_free(taken, lease_ms, took_ms, now)
  local first = math.huge
  for _, ends in pairs(taken) do first = math.min(first, ends) end
  return math.min(first, math.max(first - lease_ms + took_ms, now + math.max(FULL_MS, took_ms / 4)))
end
