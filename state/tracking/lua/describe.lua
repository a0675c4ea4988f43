-- Writes details of keywords beside their texts. What is so already stays as it is.
-- KEYS
--   project          the project (hash)
-- ARGV
--   project_id
--   keyword_prefix
--   details...       four for each keyword: id, volume, tags, target page ('' = leave, '=' = remove, '=…' = set)
-- Returns {'written', how many changed, {ids that are not there or another project's}} or {'no project', 0, {}}. Expires nothing.
if redis.call('EXISTS', project) == 0 then return {'no project', 0, {}} end
local NAMES, changed, missing = {'v', 'g', 'u'}, 0, {}
-- Writes one detail; returns whether it changed.
local function write(key, name, wanted, before)
  local value = string.sub(wanted, 2)
  if wanted == '=' and before then redis.call('HDEL', key, name) return true end
  if value ~= '' and value ~= before then redis.call('HSET', key, name, value) return true end
  return false
end
for i = details_at, #ARGV, 4 do
  local key = keyword_prefix .. ARGV[i]
  local before = redis.call('HMGET', key, 'p', unpack(NAMES))
  if before[1] ~= project_id then
    missing[#missing + 1] = ARGV[i]
  else
    local is_changed = false
    for n, name in ipairs(NAMES) do is_changed = write(key, name, ARGV[i + n], before[n + 1]) or is_changed end
    if is_changed then changed = changed + 1 end
  end
end
return {'written', changed, missing}
