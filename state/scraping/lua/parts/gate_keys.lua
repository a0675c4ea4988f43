-- Reads keys of gates. They live for hours only: one of another type is dropped, so that its host is not shut until it ends.
local function hash_of(key, ...)
  local found = redis.pcall('HMGET', key, ...)
  if not found.err then return found end
  redis.call('DEL', key)
  return {}
end
local function sorted(command, key, ...)
  local found = redis.pcall(command, key, ...)
  if type(found) ~= 'table' or not found.err then return found end
  redis.call('DEL', key)
  return redis.call(command, key, ...)
end
-- The number in a text: 0 where there is none.
local function number(text)
  local found = tonumber(text or '') or 0
  return found == found and math.abs(found) < 1e15 and found or 0
end
-- A time (ms) as text: Redis prints 1.7e+12 otherwise.
local function ms(time) return string.format('%.0f', time) end
