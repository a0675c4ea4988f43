-- Finds out whether the list of projects, the weights and the folders say of a project what it says itself; writes what it says.
-- KEYS[1] project (hash)  KEYS[2] projects (set)  KEYS[3] folders (hash: folder → project)  KEYS[4] weights that are not 1 (hash)
-- ARGV[1] 1 = repair, 0 = only look  ARGV[2] project id  ARGV[3] prefix of projects
-- Returns what was wrong: list, weight, folder. Of two projects with one folder the younger gets another: they would overwrite each
--   other's objects. Expires nothing.
local told, id, wrong = redis.pcall('HMGET', KEYS[1], 'domain', 'weight', 'folder', 'created_at'), ARGV[2], {}
if told.err then return {} end
local function mend(what, ...)
  wrong[#wrong + 1] = what
  if ARGV[1] == '1' then redis.call(...) end
end
local there, listed = told[1] and true or false, redis.call('SISMEMBER', KEYS[2], id) == 1
if there ~= listed then mend('list', there and 'SADD' or 'SREM', KEYS[2], id) end
local weight, weighs = there and tonumber(told[2]) or 1, redis.call('HGET', KEYS[4], id)
if weight ~= 1 and tonumber(weighs or 1) ~= weight then
  mend('weight', 'HSET', KEYS[4], id, told[2])
elseif weight == 1 and weighs then
  mend('weight', 'HDEL', KEYS[4], id)
end
local folder = told[3]
local holder = folder and redis.call('HGET', KEYS[3], folder)
if not folder or holder == id then return wrong end
local theirs = holder and redis.call('HMGET', ARGV[3] .. holder, 'folder', 'created_at')
if theirs and theirs[1] == folder then -- both write there: the younger one moves out
  local mover = (theirs[2] or '') > (told[4] or '') and holder or id
  local new = folder .. '--' .. mover
  while redis.call('HEXISTS', KEYS[3], new) == 1 do new = new .. '-' end
  if ARGV[1] == '1' then
    redis.call('HSET', ARGV[3] .. mover, 'folder', new)
    redis.call('HSET', KEYS[3], new, mover)
  end
  holder = mover == id and holder or id
else
  holder = id
end
mend('folder', 'HSET', KEYS[3], folder, holder)
return wrong
