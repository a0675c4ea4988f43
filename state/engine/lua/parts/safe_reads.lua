-- What a key holds; nothing (0, '', {}) where it is of another type: who only looks must not fail for that.
local function number(verb, ...)
  local found = redis.pcall(verb, ...)
  return type(found) == 'number' and found or 0
end
local function text(verb, ...)
  local found = redis.pcall(verb, ...)
  return type(found) == 'string' and found or ''
end
local function list(verb, ...)
  local found = redis.pcall(verb, ...)
  return found.err and {} or found
end
local function fields(key, ...)
  local found = redis.pcall('HMGET', key, ...)
  for i = 1, found.err and 0 or select('#', ...) do found[i] = found[i] or '' end
  return found
end
