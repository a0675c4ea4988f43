-- Adds keywords to a project. One that is there keeps its id. Where an older version had folded its text, it gets the text as typed.
-- KEYS[1] project  KEYS[2] its due times  KEYS[3] ring  KEYS[4] waiting
-- ARGV[1] project id  ARGV[2] prefix of keywords  ARGV[3] 1 = other spellings were compared by the caller, 0 = not yet
-- then 3 for each keyword: id that its key makes, id that its folded form makes, text
-- Returns {added, were there, index and former text of each that was respelled ...}, {-1} where there is no such project, or
--   {-2, index and text ...}: keywords that stand there in another spelling, for the caller to compare; nothing is added then.
-- Expires nothing.
if redis.call('EXISTS', KEYS[1]) == 0 then return {-1} end
local function seen(id) return unpack(redis.call('HMGET', ARGV[2] .. id, 't', 'k')) end
-- Where a keyword stands, with its text (false = it is new) and whether that is only the folded form of an older version.
local function place(own, old)
  local text, mark = seen(own)
  if text and (not mark or mark == '') then return {own, text, not mark} end
  local besides = {string.sub(own, 2) .. string.sub(own, 1, 1)} -- where an older version's keyword of another key has the id
  besides[2] = seen(besides[1])
  if besides[2] or text then return besides end
  text, mark = seen(old)
  if old ~= own and text and (not mark or mark == own) then return {old, text, not mark} end
  return {own}
end
local places, compare, added, known, told, written = {}, {}, 0, 0, {}, {}
for i = 4, #ARGV, 3 do
  places[i] = place(ARGV[i], ARGV[i + 1])
  if places[i][2] and places[i][2] ~= ARGV[i + 2] then compare[#compare + 1] = (i - 4) / 3; compare[#compare + 1] = places[i][2] end
end
if ARGV[3] == '0' and #compare > 0 then return {-2, unpack(compare)} end
for i = 4, #ARGV, 3 do
  if written[places[i][1]] then places[i] = place(ARGV[i], ARGV[i + 1]) end
  local id, text, is_folded = unpack(places[i])
  if text then known = known + 1 else added = added + 1 end
  if is_folded or not text then
    redis.call('HSET', ARGV[2] .. id, 'p', ARGV[1], 't', ARGV[i + 2], 'k', id == ARGV[i + 1] and id ~= ARGV[i] and ARGV[i] or '')
    if not text then redis.call('ZADD', KEYS[2], 0, id) elseif text ~= ARGV[i + 2] then told[#told + 1] = (i - 4) / 3; told[#told + 1] = text end
    written[id] = true
  end
end
if added > 0 then refresh(ARGV[1], KEYS[1], KEYS[3], KEYS[4]) end
return {added, known, unpack(told)}
