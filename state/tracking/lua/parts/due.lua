-- Due times of a project (zset: keyword id → when to check, s). A keyword that is held has a score below zero:
-- HELD is added to the time until which it is held. Held keywords stand at the head, where a zset moves them cheaply.
-- Constants HELD
-- When a project next has something to look at: its earliest due keyword, or the first whose hold ends. Nil where it has none.
local function next_look(due)
  local head = redis.call('ZRANGE', due, 0, 0, 'WITHSCORES')
  if not head[1] or tonumber(head[2]) >= 0 then return head[2] end
  local first = redis.call('ZRANGEBYSCORE', due, 0, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
  return string.format('%d', math.min(head[2] - HELD, first[2] or math.huge))
end
-- Keeps the table of waiting projects true after the due times of a project changed.
local function refresh(project_id, project, ring, waiting)
  if redis.call('ZSCORE', ring, project_id) then return end
  local due = next_look(project .. ':due')
  if due and redis.call('HGET', project, 'active') == '1' then
    redis.call('ZADD', waiting, due, project_id)
  else
    redis.call('ZREM', waiting, project_id)
  end
end
