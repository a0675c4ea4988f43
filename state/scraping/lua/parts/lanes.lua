-- Lanes: each is a chain of jobs that take one page after the other. A lane has one live job; its round says which.
-- States: r (its job runs or waits in a queue), w (its job is parked until a page may be taken), s (asleep: it has no job).
-- Uses scraping/ledger, engine/job_record, engine/wakeups
-- Constants NEAR_MS
local function lane_of(book, lane)
  local text = redis.call('HGET', book.lanes, lane) or '0 s 0 -'
  local round, state, n, token = string.match(text, '^(%d+) (%a) (%d+) (%S+)$')
  return {name = lane, round = tonumber(round), state = state, n = n, token = token}
end
local function write_lane(book, lane, state, n, token)
  lane.state, lane.n, lane.token = state, n, token
  write(book, 'HSET', book.lanes, lane.name, lane.round .. ' ' .. state .. ' ' .. n .. ' ' .. token)
end
-- Who owns a ledger owns the jobs of its lanes: what is written for that.
local function owner_of(book)
  book.owner = book.owner or redis.call('HGET', book.key, 'owner') or ''
  return book.owner ~= '' and {'owner', book.owner} or {}
end
-- Starts the next job of a lane, at the end of its queue. A page that the lane holds stays with it.
-- `to`: id of the ledger, queue, function, time limit, prefixes and keys of the engine.
local function start_lane(book, lane, to)
  lane.round = lane.round + 1
  write_lane(book, lane, 'r', lane.n, lane.token)
  local argument = to.id .. '-' .. lane.name .. '-' .. lane.round
  local job = to.jobs .. argument
  if redis.call('EXISTS', job) == 1 then return end
  write_job(job, to.now_iso, to.queue, 'queued', to.failure_ttl_s, data_of_call(to.path, argument), to.path .. "('" .. argument
    .. "')", to.timeout_s, 'retries_left', 3, unpack(owner_of(book)))
  count_came(to.now_iso)
  redis.call('SADD', to.queues, to.queue_keys .. to.queue)
  redis.call('RPUSH', to.queue_keys .. to.queue, argument)
  wake(to.wakeups, 1)
end
-- Starts up to `most` lanes that are asleep; says how many.
local function wake_lanes(book, most, to)
  local lanes, started = redis.call('HGETALL', book.lanes), 0
  for i = 1, #lanes, 2 do
    if started >= most then break end
    local lane = lane_of(book, lanes[i])
    if lane.state == 's' then
      start_lane(book, lane, to)
      started = started + 1
    end
  end
  count(book, 'asleep', -started)
  return started
end
-- How many lanes watch: each waits until a page may be taken, in its thread or parked.
local function watchers(book)
  local count = 0
  for _, text in ipairs(redis.call('HVALS', book.lanes)) do
    if string.find(text, ' w ', 1, true) then count = count + 1 end
  end
  return count
end
-- The moment for which one more lane waits: one always does, others only for a host that is ready soon, each for another one.
local function watch_until(book, ready_ms, now)
  local count = watchers(book)
  if count == 0 then return ready_ms end
  local due = tonumber(redis.call('ZRANGE', book.hosts, count, count, 'WITHSCORES')[2])
  return due and due <= now + NEAR_MS and due
end
