-- Ends a run that is held: released, discarded, or watched anew (its keywords are checked again).
-- Uses store/clock
-- KEYS
--   run          what the checks of the day said (hash)
--   falls        keyword → the rank that fell (hash)
--   seen         keyword → whether it fell (hash)
--   suspects     runs that are held (zset, ms)
-- ARGV
--   now_ms       '' = server time
--   name         `<project> <day>`
--   state        released, discarded or watched
--   note         why
-- Returns 1, or 0 where it is not held. Expires nothing.
if redis.call('HGET', run, 'state') ~= 'held' then return 0 end
redis.call('HSET', run, 'state', state, 'note', note, 'decided_ms', string.format('%d', clock_ms(now_ms)))
redis.call('ZREM', suspects, name)
if state == 'watched' then
  redis.call('DEL', falls, seen)
  redis.call('HSET', run, 'compared', 0, 'fallen', 0)
end
return 1
