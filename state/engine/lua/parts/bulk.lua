-- Collects what several jobs write to the same keys, so that each key is written once. `lists`: key → values.
local function collect(lists, key, ...)
  local list = lists[key] or {}
  lists[key] = list
  for _, value in ipairs({...}) do list[#list + 1] = value end
end
-- Runs one command for each key. pcall: a broken record of RQ's must not stop a job.
local function write_collected(lists, command)
  for key, list in pairs(lists) do redis.pcall(command, key, unpack(list)) end
end
