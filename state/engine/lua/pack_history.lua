-- Moves jobs that ended from the stream of events into a segment of the history; the other changes of that time are forgotten.
-- KEYS
--   events      changes of jobs (stream)
--   index       what each segment holds (stream)
--   segment     the segment (string)
-- ARGV
--   first       the first entry of the events, as the caller saw it
--   after       the entry of the events to begin with from now on
--   entry       the segment's entry in the index ('' = no job ended in that time)
--   summary     what it holds (JSON)
--   bloom       filter of what it holds
--   data        the jobs
--   keep_s      how long they are kept
-- Returns 1, or 0 where somebody else did it (also when it is sent again). Expires: the segment.
local head = redis.call('XRANGE', events, '-', '+', 'COUNT', 1)
if not head[1] or head[1][1] ~= first then return 0 end
if entry ~= '' then
  local added = redis.pcall('XADD', index, entry, 'k', entry, 's', summary, 'b', bloom)
  if added.err then redis.call('XADD', index, '*', 'k', entry, 's', summary, 'b', bloom) end -- the server's clock went back
  redis.call('SET', segment, data, 'EX', keep_s)
end
redis.call('XTRIM', events, 'MINID', after)
return 1
