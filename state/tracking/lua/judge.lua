-- Counts one comparable check of a project's day, and says whether its rank is held: most of that day fell.
-- Uses store/clock
-- KEYS
--   run           what the checks of the day said (hash)
--   falls         keyword → the rank that fell (hash)
--   seen          keyword → whether it fell (hash)
--   suspects      runs that are held (zset, ms)
-- ARGV
--   now_ms        '' = server time
--   name          `<project> <day>`
--   keyword_id
--   fell          1, or 0
--   rank          the rank as it would be stored: 6 bytes, then its page
--   least         so many comparable checks before anything is held
--   share         of them that fell
--   keep_s
-- Returns the state of the run (watched, held, released, discarded), and 1 where this check has it held. Expires: all.
local before = redis.call('HGET', seen, keyword_id)
redis.call('HSET', seen, keyword_id, fell)
if fell == '1' then redis.call('HSET', falls, keyword_id, rank) else redis.call('HDEL', falls, keyword_id) end
local compared = redis.call('HINCRBY', run, 'compared', before and 0 or 1)
local fallen = redis.call('HINCRBY', run, 'fallen', tonumber(fell) - tonumber(before or '0'))
local state, trips = redis.call('HGET', run, 'state') or 'watched', 0
if state == 'watched' and fell == '1' and compared >= tonumber(least) and fallen >= tonumber(share) * compared then
  local now = string.format('%d', clock_ms(now_ms))
  state, trips = 'held', 1
  redis.call('HSET', run, 'state', state, 'held_ms', now)
  redis.call('HINCRBY', run, 'round', 1)
  redis.call('ZADD', suspects, now, name)
  redis.call('EXPIRE', suspects, keep_s)
end
for _, key in ipairs({run, falls, seen}) do redis.call('EXPIRE', key, keep_s) end
return {state, trips}
