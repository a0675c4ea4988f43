-- Ends the pause of a scope, and wakes idle workers for what it held.
-- Uses store/clock, engine/pauses, engine/wakeups
-- Constants MOST_WAKEUPS
-- KEYS
--   pauses      what is paused (hash: scope → JSON)
--   ends        when pauses end (zset: scope → ms)
--   wakeups     wake-ups (list)
-- ARGV
--   now_ms      '' = server time
--   scope       what goes on
-- Returns the pause that it ended (JSON), '' where the scope was not paused. Expires: wake-ups.
local before = redis.call('HGET', pauses, scope)
redis.call('ZREM', ends, scope)
redis.call('HDEL', pauses, scope)
if not is_in_force(before, clock_ms(now_ms)) then return '' end
wake(wakeups, MOST_WAKEUPS)
return before
