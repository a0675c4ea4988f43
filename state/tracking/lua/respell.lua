-- Sets the text of keywords as somebody typed it. A keyword that has another text by now, or is gone, is left alone.
-- KEYS
--   project          the project (hash)
-- ARGV
--   keyword_prefix
--   texts...         four for each keyword: id, text it had when the caller looked, text as typed, mark of its key
-- Returns the indices of those whose text changed. Expires nothing.
local changed = {}
if redis.call('EXISTS', project) == 0 then return changed end
for i = texts_at, #ARGV, 4 do
  local key, seen, typed, mark = keyword_prefix .. ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  if redis.call('HGET', key, 't') == seen then
    redis.call('HSET', key, 't', typed, 'k', mark)
    if seen ~= typed then changed[#changed + 1] = (i - texts_at) / 4 end
  end
end
return changed
