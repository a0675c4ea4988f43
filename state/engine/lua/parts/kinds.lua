-- The kind of a job, from the function that its data begin with. RQ may have compressed the data: `resolve_kinds` writes the
-- function beside them. '' = no worker announced a kind for it; nil = the kind is unresolved.
local function function_of(data)
  return string.match(data or '', '^%["([^"]+)"')
end
local kinds_of = {}
local function kind_of_function(path, kinds)
  if not path then return nil end
  kinds_of[path] = kinds_of[path] or redis.call('HGET', kinds, path) or ''
  return kinds_of[path]
end
local function kind_of(data, resolved, kinds)
  return kind_of_function(function_of(data) or resolved, kinds)
end
