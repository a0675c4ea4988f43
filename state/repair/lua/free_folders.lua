-- Finds object folders that are kept for a project that is gone or has another folder; frees them.
-- KEYS
--   folders          folder → project (hash)
-- ARGV
--   repair           1 = repair, 0 = only look
--   project_prefix
--   names...         folders to look at
-- Returns the folders that are free. Expires nothing.
local found = {}
for i = names_at, #ARGV do
  local folder = ARGV[i]
  local holder = redis.call('HGET', folders, folder)
  if holder and redis.call('HGET', project_prefix .. holder, 'folder') ~= folder then
    found[#found + 1] = folder
    if repair == '1' then redis.call('HDEL', folders, folder) end
  end
end
return found
