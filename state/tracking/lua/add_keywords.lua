-- Adds keywords to a project. A keyword that is there keeps its id. Where an older version had folded its text, it gets the text as typed.
-- Uses tracking/due, tracking/keyword_ids
-- KEYS
--   project          the project (hash)
--   due              its due times (zset)
--   ring             projects with due keywords (zset, virtual time)
--   waiting          the other active projects (zset, s)
-- ARGV
--   project_id
--   keyword_prefix
--   spellings        'compared' = the caller compared other spellings, 'new' = not yet
--   typed...         three for each keyword: id that its key makes, id that its folded form makes, text
-- Returns {'added', added, were there, index and former text of each that was respelled ...}, {'no project'}, or
--   {'compare', index and text ...}: keywords that stand there in another spelling, for the caller to compare. Nothing is added then.
-- Expires nothing.
if redis.call('EXISTS', project) == 0 then return {'no project'} end
local places, compare, added, known, respelled, written = {}, {}, 0, 0, {}, {}
local function index_of(i) return (i - typed_at) / 3 end
for i = typed_at, #ARGV, 3 do
  places[i] = place_of(keyword_prefix, ARGV[i], ARGV[i + 1])
  if places[i].text and places[i].text ~= ARGV[i + 2] then
    compare[#compare + 1] = index_of(i)
    compare[#compare + 1] = places[i].text
  end
end
if spellings == 'new' and #compare > 0 then return {'compare', unpack(compare)} end
for i = typed_at, #ARGV, 3 do
  local own, folded, text = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  if written[places[i].id] then places[i] = place_of(keyword_prefix, own, folded) end
  local place = places[i]
  if place.text then known = known + 1 else added = added + 1 end
  if place.is_folded or not place.text then
    local mark = place.id == folded and place.id ~= own and own or ''
    redis.call('HSET', keyword_prefix .. place.id, 'p', project_id, 't', text, 'k', mark)
    written[place.id] = true
    if not place.text then
      redis.call('ZADD', due, 0, place.id)
    elseif place.text ~= text then
      respelled[#respelled + 1] = index_of(i)
      respelled[#respelled + 1] = place.text
    end
  end
end
if added > 0 then refresh(project_id, project, ring, waiting) end
return {'added', added, known, unpack(respelled)}
