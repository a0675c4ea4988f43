-- Where a keyword stands: its id, its text (nil = it is new), and whether the text is only the folded form of an older version.
-- `own`: the id that its key makes; `folded`: the id that its folded form makes. state/tracking/texts.py says more.
local function place_of(keyword_prefix, own, folded)
  local function seen(id) return unpack(redis.call('HMGET', keyword_prefix .. id, 't', 'k')) end
  local text, mark = seen(own)
  if text and (not mark or mark == '') then return {id = own, text = text, is_folded = not mark} end
  local beside = string.sub(own, 2) .. string.sub(own, 1, 1) -- where the keyword of another key has `own` from an older version
  local text_beside = seen(beside)
  if text_beside or text then return {id = beside, text = text_beside or nil} end
  text, mark = seen(folded)
  if folded ~= own and text and (not mark or mark == own) then return {id = folded, text = text, is_folded = not mark} end
  return {id = own}
end
