-- Lists the commands our user may not run, on a key of ours and on one of RQ's. Reads nothing and writes nothing.
-- It has no keys: a key that our user may not touch would be refused before the script runs.
-- ARGV
--   our_key       a key of ours
--   rq_key        a key of RQ's
--   commands...   commands as they are written, with % in place of the key
-- Returns {command, which key it is denied on (1, 2, or 0 = both), ...}; false where the server cannot tell (before Redis 7).
-- KEYS: none. Expires nothing.
if not redis.acl_check_cmd then return false end
local denied = {}
local function may(command, key)
  local words = {}
  for word in string.gmatch(command, '%S+') do words[#words + 1] = word == '%' and key or word end
  return redis.acl_check_cmd(unpack(words))
end
for i = commands_at, #ARGV do
  local ours, rqs = may(ARGV[i], our_key), may(ARGV[i], rq_key)
  if not (ours and rqs) then
    denied[#denied + 1] = ARGV[i]
    denied[#denied + 1] = ours and 2 or rqs and 1 or 0
  end
end
return denied
