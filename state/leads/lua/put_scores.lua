-- Writes the last scores of companies, and adds them to their histories. A company that was removed meanwhile gets none.
-- KEYS
--   scores       the scores of all (zset)
-- ARGV
--   prefix       of companies
--   own_prefix   of the scores of an owner
--   entries...   four for each company: id, total, score in short, score
-- Returns how many companies were there. Expires nothing.
local count = 0
for i = entries_at, #ARGV, 4 do
  local id, total, short, text = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  local lead = prefix .. id
  local owner = redis.call('HGET', lead, 'owner')
  if owner then
    count = count + 1
    redis.call('HSET', lead, 'score', text)
    for _, list in ipairs({ scores, own_prefix .. owner }) do redis.call('ZADD', list, total, id) end
    if redis.call('LINDEX', lead .. ':scores', -1) ~= short then
      redis.call('RPUSH', lead .. ':scores', short)
      redis.call('LTRIM', lead .. ':scores', -400, -1)
    end
  end
end
return count
