-- Finds keywords that no batch would ever take, or that rest and are due at once; puts each where it belongs.
-- KEYS[1] ring (zset)  KEYS[2] waiting (zset)
-- ARGV[1] 1 = repair, 0 = only look  ARGV[2] prefix of projects  ARGV[3] prefix of keywords; then keyword ids
-- Returns those ids. Keywords of a project that is gone are left alone. Expires nothing.
local found = {}
for i = 4, #ARGV do
  local id = ARGV[i]
  local keyword = redis.pcall('HMGET', ARGV[3] .. id, 'p', 'x', 'd')
  local project = ARGV[2] .. (keyword[1] or '')
  if keyword[1] and redis.call('EXISTS', project) == 1 then
    local due, rests = redis.call('ZSCORE', project .. ':due', id), redis.call('SISMEMBER', project .. ':archived', id) == 1
    local should_rest = keyword[2] and true or false
    if rests ~= should_rest or (due and true or false) == should_rest then
      found[#found + 1] = id
      if ARGV[1] == '1' and should_rest then
        redis.call('ZREM', project .. ':due', id)
        redis.call('SADD', project .. ':archived', id)
      elseif ARGV[1] == '1' then
        redis.call('SREM', project .. ':archived', id)
        if not due then redis.call('ZADD', project .. ':due', keyword[3] or 0, id) end
      end
      if ARGV[1] == '1' then refresh(keyword[1], project, KEYS[1], KEYS[2]) end
    end
  end
end
return found
