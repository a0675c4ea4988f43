-- Writes what is told of keywords beside their texts; what is so already stays as it is.
-- KEYS[1] project
-- ARGV[1] project id  ARGV[2] prefix of keywords; then 4 for each: id, volume, tags, target page ('' = leave, '=' = remove, '=…' = set)
-- Returns {changed, {ids that are not there or another project's}} or {-1, {}} where there is no such project.
if redis.call('EXISTS', KEYS[1]) == 0 then return {-1, {}} end
local names, changed, missing = {'v', 'g', 'u'}, 0, {}
for i = 3, #ARGV, 4 do
  local key = ARGV[2] .. ARGV[i]
  local was = redis.call('HMGET', key, 'p', unpack(names))
  if was[1] ~= ARGV[1] then
    missing[#missing + 1] = ARGV[i]
  else
    local differs = 0
    for at, name in ipairs(names) do
      local told = ARGV[i + at]
      local value = string.sub(told, 2)
      if told == '=' and was[at + 1] then
        redis.call('HDEL', key, name)
        differs = 1
      elseif value ~= '' and value ~= was[at + 1] then
        redis.call('HSET', key, name, value)
        differs = 1
      end
    end
    changed = changed + differs
  end
end
return {changed, missing}
