-- Changes settings of a project and keeps what they were before.
-- KEYS[1] project (hash)  KEYS[2] its changes (list)  KEYS[3] weights that are not 1 (hash)
-- ARGV[1] project id  ARGV[2] now, as it is kept with a change  ARGV[3] changes to keep  ARGV[4] field to mark where hours change
-- ARGV[5] interval (h) of a project that says none: the interval before is the mark, 0 where it had an hour of the day
-- then 4 for each: field, value, what an absent one means, 1 = hours
-- Returns field and former value of each that changed, in order; nil where there is no such project. Expires nothing.
if redis.call('EXISTS', KEYS[1]) == 0 then return nil end
local hour = redis.call('HGET', KEYS[1], 'hour')
local interval = hour and hour ~= '' and '0' or redis.call('HGET', KEYS[1], 'every_h') or ARGV[5]
local changed = {}
for i = 6, #ARGV, 4 do
  local field, value = ARGV[i], ARGV[i + 1]
  local before = redis.call('HGET', KEYS[1], field) or ARGV[i + 2]
  if before ~= value then
    redis.call('HSET', KEYS[1], field, value)
    redis.call('RPUSH', KEYS[2], table.concat({ARGV[2], field, before, value}, '\t'))
    redis.call('LTRIM', KEYS[2], -ARGV[3], -1)
    if ARGV[i + 3] == '1' then redis.call('HSETNX', KEYS[1], ARGV[4], interval) end
    if field == 'weight' and tonumber(value) == 1 then redis.call('HDEL', KEYS[3], ARGV[1]) end
    if field == 'weight' and tonumber(value) ~= 1 then redis.call('HSET', KEYS[3], ARGV[1], value) end
    changed[#changed + 1] = field
    changed[#changed + 1] = before
  end
end
return changed
