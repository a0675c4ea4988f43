-- Gives back what was reserved for a job and not fetched. Safe to send twice.
-- KEYS
--   months...   pages of the key, this month and the one before (hash)
-- ARGV
--   job         its id
--   fetched     pages that it fetched
-- Returns pages given back; -1 where nothing was reserved for the job. Expires nothing.
for i = months_at, #KEYS do
  local held = redis.call('HGET', KEYS[i], job)
  if held then
    local reserved = tonumber(string.match(held, '^%d+'))
    local used = math.min(tonumber(fetched), reserved)
    redis.call('HDEL', KEYS[i], job)
    redis.call('HINCRBY', KEYS[i], '=taken', used - reserved)
    redis.call('HINCRBY', KEYS[i], '=fetched', used)
    return reserved - used
  end
end
return -1
