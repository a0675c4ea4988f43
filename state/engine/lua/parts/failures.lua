-- Failures by fingerprint (state/engine/failures.py): a hash each, and a sorted set of them all by their last failure (ms).
-- Field h<hour modulo FAILURE_HOURS> counts an hour: the hour since 1970, a space, how many.
-- Constants MOST_FAILURES, FAILURES_TTL_S, FAILURE_HOURS
local function write_failure(fingerprints, now_ms, id, group)
  local key, hour = fingerprints .. ':' .. id, string.format('%d', math.floor(now_ms / 3600000))
  local field, ms = 'h' .. string.format('%d', hour % FAILURE_HOURS), string.format('%d', now_ms)
  local at, before = string.match(redis.call('HGET', key, field) or '', '^(%d+) (%d+)$')
  local number = string.format('%d', group.count + (at == hour and before or 0))
  redis.call('HINCRBY', key, 'count', group.count)
  redis.call('HSETNX', key, 'first', ms)
  redis.call('HSET', key, 'last', ms, field, hour .. ' ' .. number, 'job', group.job, unpack(group.fields))
  redis.call('EXPIRE', key, FAILURES_TTL_S)
  redis.call('ZADD', fingerprints, ms, id)
  redis.call('EXPIRE', fingerprints, FAILURES_TTL_S)
end
local function forget_oldest_failures(fingerprints)
  local over = redis.call('ZCARD', fingerprints) - MOST_FAILURES
  if over <= 0 then return end
  for _, id in ipairs(redis.call('ZRANGE', fingerprints, 0, over - 1)) do
    redis.call('DEL', fingerprints .. ':' .. id)
    redis.call('ZREM', fingerprints, id)
  end
end
-- Counts those of these failures that are stored. `rows`: a line a failure: lease, id, kind, category, host, shape, message, between
-- tabs. `ended`: lease → true where it ended as it was told. pcall: no job waits because a key of these is broken.
local function count_failures(fingerprints, now_ms, rows, ended)
  local groups = {}
  local row = '([^\t\n]*)\t([^\t\n]*)\t([^\t\n]*)\t([^\t\n]*)\t([^\t\n]*)\t([^\t\n]*)\t([^\t\n]*)\n'
  for lease, id, kind, category, host, shape, message in string.gmatch(rows, row) do
    if ended[lease] == true then
      local group = groups[id] or {count = 0}
      group.count, group.job = group.count + 1, string.match(lease, '^[^:]*')
      group.fields = {'kind', kind, 'category', category, 'host', host, 'shape', shape, 'message', message}
      groups[id] = group
    end
  end
  for id, group in pairs(groups) do pcall(write_failure, fingerprints, now_ms, id, group) end
  pcall(forget_oldest_failures, fingerprints)
end
