-- Collects what several jobs write to the same keys, so that each key is written once.
local function bulk()
  local lists = {}
  local collected = {}
  function collected.add(key, ...)
    local list = lists[key] or {}
    lists[key] = list
    for _, value in ipairs({...}) do list[#list + 1] = value end
  end
  -- Runs one command for each key. pcall: a broken record of RQ's must not stop a job.
  function collected.write(command)
    for key, list in pairs(lists) do redis.pcall(command, key, unpack(list)) end
    lists = {}
  end
  return collected
end
