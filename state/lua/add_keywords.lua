-- Adds keywords to a project. One that is there keeps its id; its text becomes what was typed, where an older version had folded it.
-- KEYS[1] project  KEYS[2] its due times  KEYS[3] ring  KEYS[4] waiting
-- ARGV[1] project id  ARGV[2] prefix of keywords  ARGV[3] 1 = other spellings were compared by the caller, 0 = not yet
-- then 4 for each keyword: id that its key makes, id that its folded form made, id besides, text
-- Returns {added, were there, index and former text of each that was respelled ...}, {-1} where there is no such project, or
--   {-2, index and text ...}: keywords that stand there in another spelling, for the caller to compare; nothing is added then.
-- Expires nothing.
if redis.call('EXISTS', KEYS[1]) == 0 then return {-1} end
local function seen(id) return unpack(redis.call('HMGET', ARGV[2] .. id, 't', 'k')) end
-- Where a keyword stands, with its text (false = it is new) and whether that is only the folded form of an older version.
local function place(own, old, besides)
  local text, mark = seen(own)
  if text and (not mark or mark == '') then return own, text, not mark end
  local other = seen(besides)
  if other or text then return besides, other, false end -- an older version's keyword of another key has the id
  text, mark = seen(old)
  if text and old ~= own and (not mark or mark == own) then return old, text, not mark end
  return own, false, false
end
local added, known, told = 0, 0, {}
for write = tonumber(ARGV[3]), 1 do
  for i = 4, #ARGV, 4 do
    local id, text, is_folded = place(ARGV[i], ARGV[i + 1], ARGV[i + 2])
    if text and text ~= ARGV[i + 3] and (write == 0 or is_folded) then
      told[#told + 1] = (i - 4) / 4
      told[#told + 1] = text
    end
    if write == 1 and (is_folded or not text) then
      redis.call('HSET', ARGV[2] .. id, 'p', ARGV[1], 't', ARGV[i + 3], 'k', id == ARGV[i + 1] and id ~= ARGV[i] and ARGV[i] or '')
      if not text then redis.call('ZADD', KEYS[2], 0, id) end
    end
    if write == 1 and text then known = known + 1 elseif write == 1 then added = added + 1 end
  end
  if write == 0 and #told > 0 then return {-2, unpack(told)} end
end
if added > 0 then refresh(ARGV[1], KEYS[1], KEYS[3], KEYS[4]) end
return {added, known, unpack(told)}
