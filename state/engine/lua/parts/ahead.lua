-- Puts a job of the schedule before those of batches, behind the others that stand there: a tick behind 5,000 checks would come when
-- they are done, and until then nobody's keywords would come into the queue.
-- Constants SERP_CLAIMS
local function is_of_batch(id)
  return id and string.sub(id, 1, 5) == 'serp-'
end
-- `head`: the first job of the list, or false.
local function push_ahead(list, job, head)
  if is_of_batch(head) then return redis.call('LPUSH', list, job) end
  -- each job of a batch has a claim: without any there is no need to look for one
  local ids = head and redis.call('EXISTS', SERP_CLAIMS) == 1 and redis.call('LRANGE', list, 0, 99) or {}
  local place = 0
  while ids[place + 1] and not is_of_batch(ids[place + 1]) do place = place + 1 end
  if place == #ids then return redis.call('RPUSH', list, job) end
  local front = {}
  for i = place, 1, -1 do front[#front + 1] = ids[i] end
  redis.call('LTRIM', list, place, -1)
  redis.call('LPUSH', list, job, unpack(front))
end
