-- Finds out whether a project takes part in batches as it should; puts it where it belongs.
-- Uses tracking/due
-- KEYS
--   project      the project (hash)
--   due          its due times (zset)
--   ring         projects with due keywords (zset, virtual time)
--   waiting      the other active projects (zset, s)
-- ARGV
--   repair       1 = repair, 0 = only look
--   project_id
-- Returns 'right', or 'wrong' where it stood wrong. Expires nothing.
local is_active = redis.call('HGET', project, 'active') == '1'
local turn, waits_until = redis.call('ZSCORE', ring, project_id), redis.call('ZSCORE', waiting, project_id)
local is_right = not waits_until
if not is_active then
  is_right = not turn and not waits_until
elseif not turn then
  is_right = tonumber(waits_until or -1) == tonumber(next_look(due) or -1)
end
if is_right then return 'right' end
if repair == '1' then
  if not is_active then redis.call('ZREM', ring, project_id) end
  redis.call('ZREM', waiting, project_id)
  refresh(project_id, project, ring, waiting)
end
return 'wrong'
