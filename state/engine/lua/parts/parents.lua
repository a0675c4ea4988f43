-- Jobs that a job submits and waits for (state/engine/children.py).

-- The job that waits for one with these labels; nil where none does.
local function parent_of(labels)
  local from = string.find('\t' .. labels, '\tparent\t', 1, true)
  return from and string.match(labels, '[^\t]+', from + 7)
end

-- Whether a job was cancelled, or is asked to end; nil is no job.
local function is_cancelled(jobs, id)
  if not id then return false end
  local status, asked = unpack(redis.call('HMGET', jobs .. id, 'status', 'cancel'))
  return asked or status == 'canceled' or status == 'stopped'
end

-- Notes the job that another one waits for.
local function add_child(children, parent, id, keep_s)
  if not parent then return end
  redis.call('SADD', children .. parent, id)
  redis.call('EXPIRE', children .. parent, keep_s)
end
