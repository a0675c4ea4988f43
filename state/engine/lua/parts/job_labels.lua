-- Labels of a new job, and what they say of other jobs.
-- Uses engine/owned_jobs, engine/parents
-- Constants JOB_PREFIX, OWNED_PREFIX, CHILDREN_PREFIX, CHILDREN_S
-- Adds labels (name, tab, value, tab ...) to the fields of a record. `now` is a function. Returns false, and does nothing, where the
-- job that waits for this one was cancelled.
local function label(fields, labels, id, now)
  local parent = parent_of(labels)
  if is_cancelled(JOB_PREFIX, parent) then return false end
  for name, value in string.gmatch(labels, '([^\t]+)\t([^\t]+)') do
    fields[#fields + 1] = name; fields[#fields + 1] = value
    if name == 'owner' then add_owned(OWNED_PREFIX, value, id, now()) end
    if name == 'listed' then add_owned(OWNED_PREFIX, '@' .. value, id, now()) end -- the list of a kind
    local is_there = name == 'retry_of' and redis.call('EXISTS', JOB_PREFIX .. value) == 1
    if is_there then redis.call('HSET', JOB_PREFIX .. value, 'retried_as', id) end
  end
  add_child(CHILDREN_PREFIX, parent, id, CHILDREN_S)
  return true
end
