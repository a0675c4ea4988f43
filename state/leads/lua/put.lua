-- Merges what was found out into the companies of one owner, and makes those that are not there. Companies that an update shows
-- to be one and the same become one.
-- Uses leads/merging, leads/folding
-- KEYS
--   told         the reply to this call (string)
--   index        what names the owner's companies (hash)
--   ids          all companies (zset)
--   own          those of the owner (zset)
--   scores       the scores of all (zset)
--   own_scores   those of the owner's (zset)
-- ARGV
--   prefix       of companies
--   owner
--   now_ms
--   updates...   JSON: id (wanted, or ''), made (the id of a new one), created_ms (or 0), site, domain, name, members of the index,
--                facts as pairs of field and text, tags
-- Returns for each update its company, 1 where it is new, and the fields that changed, with commas between. Expires: the reply.
local before = redis.call('GET', told)
if before then return cjson.decode(before) end
local lists, reply = { ids, own, scores, own_scores }, {}

-- The companies that an update speaks of, the surest first.
local function known(update)
  local found, seen = {}, {}
  local function look(id)
    if not id or id == '' or seen[id] or redis.call('HGET', prefix .. id, 'owner') ~= owner then return end
    found[#found + 1], seen[id] = id, true
  end
  look(update.id)
  for _, member in ipairs(update.members) do look(redis.call('HGET', index, member)) end
  return found
end

for i = updates_at, #ARGV do
  local update = cjson.decode(ARGV[i])
  local found = known(update)
  local is_new, id = #found == 0, found[1] or update.made
  if is_new and update.id ~= '' and redis.call('EXISTS', prefix .. update.id) == 0 then id = update.id end
  local lead, changed, is_other = prefix .. id, {}, is_new or #found > 1
  if is_new then
    redis.call('HSET', lead, 'owner', owner, 'created_ms', update.created_ms > 0 and string.format('%.0f', update.created_ms) or now_ms)
    for _, list in ipairs({ ids, own }) do redis.call('ZADD', list, 0, id) end
  end
  for _, fact in ipairs(update.facts) do
    if merge_fact(lead, fact[1], fact[2]) then changed[#changed + 1], changed[fact[1]] = fact[1], true end
  end
  for field, fact in pairs({ site = 'site', domain = 'site', name = 'name' }) do
    local is_free = (redis.call('HGET', lead, field) or '') == ''
    if update[field] ~= '' and (is_free or changed[fact]) then redis.call('HSET', lead, field, update[field]) end
  end
  for n = 2, #found do fold(prefix, id, found[n], index, lists) end
  name_company(lead, id, index, update.members)
  if add_lines(lead, 'tags', update.tags, 100) or is_other or #changed > 0 then redis.call('HSET', lead, 'updated_ms', now_ms) end
  reply[#reply + 1] = { id, is_new and 1 or 0, table.concat(changed, ',') }
end
redis.call('SET', told, cjson.encode(reply), 'EX', 60)
return reply
