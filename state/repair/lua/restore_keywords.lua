-- Finds keywords that no batch would ever take, or that are archived and due at once; puts each where it belongs.
-- Keywords of a project that is gone are left alone.
-- Uses tracking/due
-- KEYS
--   ring             projects with due keywords (zset, virtual time)
--   waiting          the other active projects (zset, s)
-- ARGV
--   repair           1 = repair, 0 = only look
--   project_prefix
--   keyword_prefix
--   keyword_ids...
-- Returns the ids that stood wrong. Expires nothing.
local function restore(id, project, is_archived, due_at)
  if is_archived then
    redis.call('ZREM', project .. ':due', id)
    redis.call('SADD', project .. ':archived', id)
    return
  end
  redis.call('SREM', project .. ':archived', id)
  if not redis.call('ZSCORE', project .. ':due', id) then redis.call('ZADD', project .. ':due', due_at or 0, id) end
end
local found = {}
for i = keyword_ids_at, #ARGV do
  local id = ARGV[i]
  local record = redis.pcall('HMGET', keyword_prefix .. id, 'p', 'x', 'd')
  local project_id, is_archived, due_at = record[1], record[2] and true or false, record[3]
  local project = project_prefix .. (project_id or '')
  if project_id and redis.call('EXISTS', project) == 1 then
    local is_due = redis.call('ZSCORE', project .. ':due', id) and true or false
    local is_listed = redis.call('SISMEMBER', project .. ':archived', id) == 1
    if is_listed ~= is_archived or is_due == is_archived then
      found[#found + 1] = id
      if repair == '1' then
        restore(id, project, is_archived, due_at)
        refresh(project_id, project, ring, waiting)
      end
    end
  end
end
return found
