-- Ends the leases of finished jobs, each with its outcome; only whoever still holds the lease may.
-- KEYS[1] leases (zset)  KEYS[2] rq:worker:<name> (hash)  KEYS[3] queues that hold anything (set)  KEYS[4] wake-ups (list)
-- KEYS[5] what RQ's machinery must follow up (zset: job:execution=queue → since, ms)  KEYS[6] limits (hash: kind → most)
-- KEYS[7] kinds (hash: function → kind)
-- ARGV[1] now_ms ('' = server time)  ARGV[2] worker  ARGV[3] now as RQ writes it  ARGV[4] prefix of RQ's keys  ARGV[5] prefix of claims
-- then 9 for each job: id, execution, queue, outcome (finished, failed, canceled, stopped, again, retry), result as RQ's stream
--   holds it ('' = none), error text ('' = none), seconds to keep (finished, failed, canceled; -1 = for ever) or delay (ms; retry),
--   what to set besides (JSON object, '' = nothing), when it started where its record does not say that yet ('' = it does)
-- Returns for each job 1 (settled, also when this is the second sending), 2 (settled, and RQ's machinery must follow it up:
-- dependents, repeats, a rate limit) or 0 (its lease was lost: nothing was changed).
-- Expires: the job and its results, as asked.
local now, iso, rq, out = clock_ms(ARGV[1]), ARGV[3], ARGV[4], {}
local REGISTRY = {finished = 'finished:', failed = 'failed:', stopped = 'failed:', canceled = 'canceled:'}
local TYPE = {finished = '1', failed = '2', stopped = '3', retry = '4'}
local at = string.format('%.3f', now / 1000) -- as text, once: Redis prints and reads the number of a script slowly
local won, failed, dependents = 0, 0, 0
local first = false -- a retry is due before all other delayed jobs: a worker must learn of it

-- What is done for several jobs at once: key → what goes into it or out of it.
local unlisted, listed, records, in_hand = {}, {}, {}, {}
local function add(to, key, ...)
  local list = to[key] or {}
  to[key] = list
  for _, value in ipairs({...}) do list[#list + 1] = value end
end

local function free_claim(id, claim)
  local ns, member = string.match(claim or '', '^([^:]*):(.*)$')
  if ns and redis.pcall('HGET', ARGV[5] .. ns .. ':jobs', member) == id then -- pcall: broken claims stop no job
    redis.pcall('HDEL', ARGV[5] .. ns .. ':jobs', member)
    redis.pcall('ZREM', ARGV[5] .. ns, member)
  end
end

local function result(i, id)
  local entry = {'type', TYPE[ARGV[i + 3]], 'worker_name', ARGV[2], 'execution_id', ARGV[i + 1], 'execution_ended_at', at}
  if ARGV[i + 4] ~= '' then entry[#entry + 1] = 'return_value'; entry[#entry + 1] = ARGV[i + 4] end
  if ARGV[i + 5] ~= '' then entry[#entry + 1] = 'exc_string'; entry[#entry + 1] = ARGV[i + 5] end
  redis.pcall('XADD', rq .. 'results:' .. id, 'MAXLEN', '10', '*', unpack(entry))
end

local function settle(i)
  local id, execution, queue, outcome = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  local job, member, ttl, follow = rq .. 'job:' .. id, id .. ':' .. execution, tonumber(ARGV[i + 6]), false
  if redis.call('ZREM', KEYS[1], member) == 0 then
    if redis.call('ZSCORE', KEYS[5], member .. '=' .. queue) then return 2 end
    return redis.pcall('HGET', job, 'settled') == execution and 1 or 0
  end
  add(unlisted, rq .. 'wip:' .. queue, member)
  records[#records + 1] = rq .. 'execution:' .. member
  records[#records + 1] = rq .. 'executions:' .. id
  in_hand[#in_hand + 1] = member
  local seen = redis.pcall('HMGET', job, 'status', 'repeats_left', 'rate_limit_key', 'claim')
  if seen.err or not seen[1] then return 1 end -- it was deleted, or is no job any more
  if seen[1] == 'canceled' and not REGISTRY[outcome] then -- by RQ, while it ran
    redis.call('HSET', job, 'settled', execution)
    free_claim(id, seen[4])
    return 1
  elseif seen[1] == 'canceled' then
    redis.pcall('ZREM', rq .. 'canceled:' .. queue, id)
  end
  if ARGV[i + 7] ~= '' then
    for name, value in pairs(cjson.decode(ARGV[i + 7])) do redis.call('HSET', job, name, value) end
  end
  if REGISTRY[outcome] then
    if ARGV[i + 8] ~= '' then
      redis.call('HSET', job, 'status', outcome, 'ended_at', iso, 'settled', execution, 'started_at', ARGV[i + 8], 'worker_name', ARGV[2])
    else
      redis.call('HSET', job, 'status', outcome, 'ended_at', iso, 'settled', execution)
    end
    if outcome ~= 'finished' then redis.call('HDEL', job, 'cancel') end -- RQ's requeue may bring it back
    free_claim(id, seen[4])
    local repeats = outcome == 'finished' and (tonumber(seen[2] or 0) or 0) > 0
    if repeats or seen[3] or (dependents > 0 and redis.call('EXISTS', job .. ':dependents') == 1) then
      redis.call('ZADD', KEYS[5], now, member .. '=' .. queue)
      follow = true
    end
    if outcome == 'finished' and ttl == 0 and not repeats then
      redis.call('DEL', rq .. 'results:' .. id)
      redis.call('EXPIRE', job, follow and 60 or 0) -- RQ's machinery still looks at it
    else
      if outcome ~= 'canceled' then result(i, id) end
      if ttl > 0 then
        redis.call('EXPIRE', job, ARGV[i + 6])
        redis.call('EXPIRE', rq .. 'results:' .. id, ARGV[i + 6]) -- also those of earlier attempts
      end
      add(listed, rq .. REGISTRY[outcome] .. queue, ttl > 0 and string.format('%d', now / 1000 + ttl) or '-1', id)
    end
  elseif outcome == 'again' then
    redis.call('HSET', job, 'status', 'queued', 'worker_name', '', 'settled', execution)
    put_back(rq, id, queue, KEYS[6], KEYS[7])
    wake(KEYS[4], 1)
  else
    redis.call('HSET', job, 'status', 'scheduled', 'worker_name', '', 'settled', execution)
    redis.call('ZADD', rq .. 'scheduled:' .. queue, math.ceil((now + ttl) / 1000), id)
    first = first or redis.call('ZRANGE', rq .. 'scheduled:' .. queue, 0, 0)[1] == id
    redis.call('SADD', KEYS[3], rq .. 'queue:' .. queue)
    result(i, id)
  end
  if outcome == 'finished' then won = won + 1 elseif outcome ~= 'again' then failed = failed + 1 end
  return follow and 2 or 1
end

local waiting = {}
for i = 6, #ARGV, 9 do waiting[#waiting + 1] = rq .. 'job:' .. ARGV[i] .. ':dependents' end
dependents = redis.call('EXISTS', unpack(waiting))
local fine, broken = pcall(function()
  for i = 6, #ARGV, 9 do out[#out + 1] = settle(i) end
end)
for key, list in pairs(unlisted) do redis.pcall('ZREM', key, unpack(list)) end -- pcall: a broken record of RQ's stops no job
for key, list in pairs(listed) do redis.pcall('ZADD', key, unpack(list)) end
if #in_hand > 0 then
  redis.pcall('DEL', unpack(records))
  redis.pcall('SREM', rq .. 'worker:' .. ARGV[2] .. ':executions', unpack(in_hand))
end
if first then wake(KEYS[4], 1) end
if not fine then error(broken) end -- those settled so far are; sent again, they say so
if redis.call('EXISTS', KEYS[2]) == 1 then
  if won > 0 then redis.pcall('HINCRBY', KEYS[2], 'successful_job_count', won) end
  if failed > 0 then redis.pcall('HINCRBY', KEYS[2], 'failed_job_count', failed) end
end
return out
