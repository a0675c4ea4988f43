-- Puts a company of an import whole, where nothing changed it since the caller looked, and nothing that names it names another one.
-- KEYS
--   lead         the company (hash)
--   index        what names the companies of its owner (hash)
--   ids          all companies (zset)
--   own          those of its owner (zset)
--   scores       the scores of all (zset)
--   own_scores   those of its owner's (zset)
-- ARGV
--   id
--   seen         the company as the caller saw it (JSON: pairs of field and text), '' = it was not there
--   total        its score, '' = it has none
--   fields       what it becomes (JSON: field, text, field ...)
--   members      what names it (JSON)
--   former       facts that others replaced (JSON)
--   history      its scores in short (JSON)
-- Returns 'put', or 'changed': nothing was written. Expires nothing.
local before, count = {}, 0
if seen ~= '' then
  for _, pair in ipairs(cjson.decode(seen)) do before[pair[1]], count = pair[2], count + 1 end
end
local now = redis.call('HGETALL', lead)
if #now ~= 2 * count then return 'changed' end
for i = 1, #now, 2 do
  if before[now[i]] ~= now[i + 1] then return 'changed' end
end
local names = cjson.decode(members)
for _, member in ipairs(names) do
  local named = redis.call('HGET', index, member)
  if named and named ~= id then return 'changed' end
end
redis.call('DEL', lead, lead .. ':former', lead .. ':scores')
redis.call('HSET', lead, unpack(cjson.decode(fields)))
for list, texts in pairs({ [':former'] = former, [':scores'] = history }) do
  for _, text in ipairs(cjson.decode(texts)) do redis.call('RPUSH', lead .. list, text) end
end
for _, list in ipairs({ ids, own }) do redis.call('ZADD', list, 0, id) end
for _, member in ipairs(names) do redis.call('HSET', index, member, id) end
if total ~= '' then
  for _, list in ipairs({ scores, own_scores }) do redis.call('ZADD', list, total, id) end
end
return 'put'
