-- Sets the text of keywords as somebody typed it.
-- KEYS[1] project
-- ARGV[1] prefix of keywords; then 4 for each: id, text it had when the caller looked, text as typed, mark of its key
-- Returns the indices of those whose text changed. One that has another text by now, or is gone, is left alone. Expires nothing.
local changed = {}
if redis.call('EXISTS', KEYS[1]) == 0 then return changed end
for i = 2, #ARGV, 4 do
  if redis.call('HGET', ARGV[1] .. ARGV[i], 't') == ARGV[i + 1] then
    redis.call('HSET', ARGV[1] .. ARGV[i], 't', ARGV[i + 2], 'k', ARGV[i + 3])
    if ARGV[i + 1] ~= ARGV[i + 2] then changed[#changed + 1] = (i - 2) / 4 end
  end
end
return changed
