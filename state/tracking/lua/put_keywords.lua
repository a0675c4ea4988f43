-- Puts keywords of an import, each with all that is its own, where nothing changed it since the caller looked.
-- Uses tracking/due
-- KEYS
--   project          the project (hash)
--   due              its due times (zset)
--   archived         its archived keywords (set)
--   ring             projects with due keywords (zset, virtual time)
--   waiting          the other active projects (zset, s)
--   failed           keywords whose last check failed (zset, s)
-- ARGV
--   project_id
--   keyword_prefix
--   error_s          how long a last failure is kept
--   copies...        ten for each keyword: id; its text, last check and ranks as the caller saw them ('' = it was not there); fields (JSON:
--                    names and values), ranks, pages (JSON), what its checks saw, last failure, due time ('' = it rests)
-- Returns 'put' or 'changed' (it is another by now: nothing is written) for each; nothing where there is no such project.
-- Expires: last failures.
if redis.call('EXISTS', project) == 0 then return {} end
local outcomes = {}
-- Takes the place of what a key holds.
local function set(key, value)
  if value == '' then redis.call('DEL', key) else redis.call('SET', key, value) end
end
for i = copies_at, #ARGV, 10 do
  local id, text, checked, seen, fields, ranks, pages, serps, error, score = unpack(ARGV, i, i + 9)
  local key = keyword_prefix .. id
  local now = redis.call('HMGET', key, 't', 's', 'p')
  local is_same = (now[1] or '') == text and (now[2] or '') == checked and (redis.call('GET', key .. ':ranks') or '') == seen
  if not is_same or (now[3] and now[3] ~= project_id) then
    outcomes[#outcomes + 1] = 'changed'
  else
    redis.call('DEL', key, key .. ':pages')
    redis.call('HSET', key, unpack(cjson.decode(fields)))
    set(key .. ':ranks', ranks)
    set(key .. ':serps', serps)
    set(key .. ':error', error)
    if error ~= '' then redis.call('EXPIRE', key .. ':error', error_s) end
    for _, page in ipairs(cjson.decode(pages)) do redis.call('RPUSH', key .. ':pages', page) end
    local failed_at, held = redis.call('HGET', key, 'a'), tonumber(redis.call('ZSCORE', due, id) or 0) < 0
    if failed_at then redis.call('ZADD', failed, failed_at, id) else redis.call('ZREM', failed, id) end
    if score == '' then
      redis.call('ZREM', due, id)
      redis.call('SADD', archived, id)
    else
      redis.call('SREM', archived, id)
      if not held then redis.call('ZADD', due, score, id) end
    end
    outcomes[#outcomes + 1] = 'put'
  end
end
refresh(project_id, project, ring, waiting)
return outcomes
