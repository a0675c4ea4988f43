-- Changes settings of a project and keeps what they were before.
-- KEYS
--   project          the project (hash)
--   changes          settings that were changed before (list)
--   weights          weights that are not 1 (hash)
-- ARGV
--   project_id
--   now_iso          now, as it is kept with a change
--   changes_kept     changes to keep
--   mark             field that is set where the hours of checks change: to the interval before, or 0 for an hour of the day
--   default_h        interval (h) of a project whose record has none
--   settings...      four for each: field, value, what an absent field means, 'hours' or ''
-- Returns field and former value of each setting that changed, in order; nil where there is no such project. Expires nothing.
if redis.call('EXISTS', project) == 0 then return nil end
local hour = redis.call('HGET', project, 'hour')
local interval = hour and hour ~= '' and '0' or redis.call('HGET', project, 'every_h') or default_h
local changed = {}
for i = settings_at, #ARGV, 4 do
  local field, value, is_of_hours = ARGV[i], ARGV[i + 1], ARGV[i + 3] == 'hours'
  local before = redis.call('HGET', project, field) or ARGV[i + 2]
  if before ~= value then
    redis.call('HSET', project, field, value)
    redis.call('RPUSH', changes, table.concat({now_iso, field, before, value}, '\t'))
    redis.call('LTRIM', changes, -changes_kept, -1)
    if is_of_hours then redis.call('HSETNX', project, mark, interval) end
    if field == 'weight' and tonumber(value) == 1 then redis.call('HDEL', weights, project_id) end
    if field == 'weight' and tonumber(value) ~= 1 then redis.call('HSET', weights, project_id, value) end
    changed[#changed + 1] = field
    changed[#changed + 1] = before
  end
end
return changed
