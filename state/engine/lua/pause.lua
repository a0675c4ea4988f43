-- Pauses a scope, or changes the pause it has; since when it is paused stays.
-- Uses store/clock, engine/pauses, engine/wakeups
-- Constants MOST_WAKEUPS
-- KEYS
--   pauses      what is paused (hash: scope → JSON)
--   ends        when pauses end (zset: scope → ms)
--   wakeups     wake-ups (list)
-- ARGV
--   now_ms      '' = server time
--   scope       what is paused: queue:low, kind:serp ...
--   reason      why
--   actor       who says so
--   until_ms    when it ends by itself ('' = somebody resumes it)
-- Returns the pause (JSON), '' where its end is past: nothing is written then. Idle workers are woken for a pause that ends: they
--   wait for its end then, however seldom they look. Expires: wake-ups.
local now = clock_ms(now_ms)
if until_ms ~= '' and tonumber(until_ms) <= now then return '' end
local before, since = redis.call('HGET', pauses, scope), string.format('%d', now)
redis.call('ZSCORE', ends, scope) -- a key of another type ends this before the first write
if is_in_force(before, now) then since = tostring(cjson.decode(before).since_ms or since) end
local pause = cjson.encode({reason = reason, actor = actor, since_ms = since, until_ms = until_ms})
redis.call('HSET', pauses, scope, pause)
if until_ms == '' then
  redis.call('ZREM', ends, scope)
else
  redis.call('ZADD', ends, until_ms, scope)
  wake(wakeups, MOST_WAKEUPS)
end
return pause
