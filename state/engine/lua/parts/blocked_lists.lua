-- Where blocked jobs wait: a list for each queue and kind, itself a queue of RQ's (`default.serp`).
-- Uses engine/kinds
-- The queue a job belongs to: while the job is blocked, its record says `default.serp`.
local function home(origin, kind)
  local tail = '.' .. (kind or '')
  return #tail > 1 and string.sub(origin, -#tail) == tail and string.sub(origin, 1, -#tail - 1) or origin
end
-- Puts a job back to the front of its queue or, while its kind has a limit, of the blocked jobs of that kind.
local function put_back(rq, id, queue, limits, kinds)
  local job, kind = rq .. 'job:' .. id, nil
  if redis.call('EXISTS', limits) == 1 then
    local seen = redis.call('HMGET', job, 'data', 'function')
    kind = kind_of(seen[1], seen[2], kinds)
  end
  local blocked = kind and redis.call('HEXISTS', limits, kind) == 1 and queue .. '.' .. kind
  if blocked and type(redis.pcall('LPUSH', rq .. 'queue:' .. blocked, id)) == 'number' then
    redis.call('HSET', job, 'origin', blocked, 'kind', kind)
    redis.call('SADD', rq .. 'queues', rq .. 'queue:' .. blocked)
  else
    redis.call('LPUSH', rq .. 'queue:' .. queue, id)
  end
end
