-- Finds out whether the list of projects, the weights and the folders agree with the record of a project; writes what the record says.
-- Of two projects with one folder the younger gets another folder: they would overwrite each other's objects.
-- KEYS
--   project          the project (hash)
--   projects         all projects (set)
--   folders          folder → project (hash)
--   weights          weights that are not 1 (hash)
-- ARGV
--   repair           1 = repair, 0 = only look
--   project_id
--   project_prefix
-- Returns what was wrong: list, weight, folder. Expires nothing.
local record, wrong = redis.pcall('HMGET', project, 'domain', 'weight', 'folder', 'created_at'), {}
if record.err then return {} end
local domain, weight, folder, created_at = unpack(record)
local function mend(what, ...)
  wrong[#wrong + 1] = what
  if repair == '1' then redis.call(...) end
end
local exists, is_listed = domain and true or false, redis.call('SISMEMBER', projects, project_id) == 1
if exists ~= is_listed then mend('list', exists and 'SADD' or 'SREM', projects, project_id) end

local own, listed = exists and tonumber(weight) or 1, redis.call('HGET', weights, project_id)
if own ~= 1 and tonumber(listed or 1) ~= own then
  mend('weight', 'HSET', weights, project_id, weight)
elseif own == 1 and listed then
  mend('weight', 'HDEL', weights, project_id)
end

-- Gives the younger of two projects another folder; returns who keeps this one.
local function part(other_id, other_created_at)
  local other_is_younger = (other_created_at or '') > (created_at or '')
  local mover = other_is_younger and other_id or project_id
  local new = folder .. '--' .. mover
  while redis.call('HEXISTS', folders, new) == 1 do new = new .. '-' end
  if repair == '1' then
    redis.call('HSET', project_prefix .. mover, 'folder', new)
    redis.call('HSET', folders, new, mover)
  end
  return mover == project_id and other_id or project_id
end
local holder = folder and redis.call('HGET', folders, folder)
if not folder or holder == project_id then return wrong end
local other = holder and redis.call('HMGET', project_prefix .. holder, 'folder', 'created_at')
local both_write_there = other and other[1] == folder
mend('folder', 'HSET', folders, folder, both_write_there and part(holder, other[2]) or project_id)
return wrong
