-- Finds object folders that are kept for a project that is gone or has another one; frees them.
-- KEYS[1] folders (hash: folder → project)
-- ARGV[1] 1 = repair, 0 = only look  ARGV[2] prefix of projects; then folders
-- Returns those folders. Expires nothing.
local found = {}
for i = 3, #ARGV do
  local holder = redis.call('HGET', KEYS[1], ARGV[i])
  if holder and redis.call('HGET', ARGV[2] .. holder, 'folder') ~= ARGV[i] then
    found[#found + 1] = ARGV[i]
    if ARGV[1] == '1' then redis.call('HDEL', KEYS[1], ARGV[i]) end
  end
end
return found
