-- Finds entries of a queue whose job is gone, in one stretch of it counted from its end; removes them.
-- KEYS[1] queue (list)
-- ARGV[1] 1 = repair, 0 = only look  ARGV[2] prefix of jobs  ARGV[3] entries at the end to pass over  ARGV[4] entries to look at
-- Returns {how many it looked at, id, ...}. From the end, because workers take from the front. Expires nothing.
local skip = tonumber(ARGV[3])
local ids = redis.pcall('LRANGE', KEYS[1], -skip - ARGV[4], -skip - 1)
if ids.err then return {0} end
local out = {#ids}
for i, id in ipairs(ids) do
  if redis.call('EXISTS', ARGV[2] .. id) == 0 then
    out[#out + 1] = id
    if ARGV[1] == '1' then redis.call('LSET', KEYS[1], -skip - #ids + i - 1, '') end
  end
end
if ARGV[1] == '1' and #out > 1 then redis.call('LREM', KEYS[1], 0, '') end -- one walk, however many there are
return out
