-- Puts a job of the schedule before those of batches, behind the others that stand there: a tick behind 5,000 checks would come when
-- they are done, and until then nobody's keywords would come into the queue.
local function push_ahead(list, job)
  local front = {}
  for _, id in ipairs(redis.call('LRANGE', list, 0, 99)) do
    if string.sub(id, 1, 5) == 'serp-' then break end
    table.insert(front, 1, id)
  end
  if #front == 100 or #front == redis.call('LLEN', list) then return redis.call('RPUSH', list, job) end
  redis.call('LTRIM', list, #front, -1)
  redis.call('LPUSH', list, job, unpack(front))
end
