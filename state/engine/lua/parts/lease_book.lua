-- Writes leases, and shows RQ's tools what their holder runs: for many jobs at once.
-- Constants EXECUTION_TTL_S, REQUEST_TTL_S
local function lease_book(store, now, lease_ms)
  -- As text, once: Redis is slow to print and to read the number of a script.
  local day, lease_end = string.format('%d', now / 1000 + EXECUTION_TTL_S), string.format('%d', now + lease_ms)
  local held, in_hand, running, memo, MOST = {}, {}, {}, {store.request}, 2000
  local book = {lease_end = lease_end}
  function book.write()
    if #held == 0 then return end
    redis.call('ZADD', store.leases, unpack(held))
    for key, members in pairs(running) do redis.pcall('ZADD', key, unpack(members)) end -- pcall: a broken record stops no job
    if #in_hand > 0 then redis.pcall('SADD', store.rq .. 'worker:' .. store.worker .. ':executions', unpack(in_hand)) end
    held, in_hand, running = {}, {}, {}
  end
  function book.add(lease, queue, starts)
    held[#held + 1] = lease_end; held[#held + 1] = lease
    if starts then
      local wip = store.rq .. 'wip:' .. queue
      local members = running[wip] or {}
      running[wip], members[#members + 1], members[#members + 2] = members, day, lease
      in_hand[#in_hand + 1] = lease
    end
    memo[#memo + 1] = lease .. '=' .. queue
    if #held >= MOST then book.write() end
  end
  -- The answer is kept for a while, because a request whose reply was lost is sent again.
  function book.remember()
    if memo[2] then redis.call('SET', store.last_request, table.concat(memo, ' '), 'EX', REQUEST_TTL_S) end
  end
  return book
end
-- The jobs that were taken for this request, where it is sent again: their leases begin anew. nil where it is new.
local function jobs_of_request(store, lease_end)
  local before, rows = redis.call('GET', store.last_request), {}
  if not before or string.match(before, '^(%S+)') ~= store.request then return nil end
  for id, execution, queue in string.gmatch(before, '(%S+):(%S+)=(%S+)') do
    local lease = id .. ':' .. execution
    if redis.call('ZSCORE', store.leases, lease) then
      redis.call('ZADD', store.leases, 'XX', 'GT', lease_end, lease)
      local job = store.rq .. 'job:' .. id
      local seen = redis.call('HMGET', job, 'status', 'prefetched')
      local waits = seen[1] == 'queued' and seen[2] == execution
      rows[#rows + 1] = {id, execution, queue, redis.call('HGETALL', job), waits and 'prefetched' or 'started'}
    end
  end
  return rows
end
