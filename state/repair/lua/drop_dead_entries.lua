-- Finds entries of a queue whose job is gone, in one stretch of the queue counted from its end; removes them.
-- It goes from the end, because workers take from the front.
-- KEYS
--   queue        the queue (list)
-- ARGV
--   repair       1 = repair, 0 = only look
--   job_prefix
--   skip         entries at the end to pass over
--   size         entries to look at
-- Returns how many entries it looked at, then the ids whose job is gone. Expires nothing.
local ids = redis.pcall('LRANGE', queue, -skip - size, -skip - 1)
if ids.err then return {0} end
local found = {#ids}
for i, id in ipairs(ids) do
  if redis.call('EXISTS', job_prefix .. id) == 0 then
    found[#found + 1] = id
    if repair == '1' then redis.call('LSET', queue, -skip - #ids + i - 1, '') end
  end
end
if repair == '1' and #found > 1 then redis.call('LREM', queue, 0, '') end -- one walk, however many there are
return found
