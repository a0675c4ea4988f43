-- Writes jobs and puts them in their queues, each unless its dedup key is claimed by a job that is alive.
-- KEYS[1] rq:queues (set)  KEYS[2] claim namespaces (set)  KEYS[3] wake-ups (list); to look also at what keeps them from starting
-- KEYS[4] rq:suspended  KEYS[5] why fetching is halted (string)  KEYS[6] limits (hash: kind → most)  KEYS[7] rq:workers (set)
-- ARGV[1] now_ms ('' = server time)  ARGV[2] now as RQ writes it  ARGV[3] prefix of jobs  ARGV[4] of queues  ARGV[5] of scheduled
-- ARGV[6] prefix of claims  ARGV[7] lifetime of a failed job (s); then 10 for each job: id, queue, delay (ms), claim namespace ('' = no claim), claim member, data,
--   description, timeout (s), meta ('' = none), retries
-- Returns for each job '' (it is queued, also when this is the second sending), or the id of the job that holds the claim, with a !
--   before it where that job's data are not the same. After a look comes what keeps them from starting, '' = nothing: the queues that
--   no living worker serves, or {these, suspended for (ms; -1 = for ever, -2 = not), why halted, {kinds of which none may run}}.
-- Expires nothing: RQ gives a job its lifetime when it ends.
local iso, out, pushed, now = ARGV[2], {}, 0, nil
local first = false -- a job is delayed that is due before all others: a worker must learn of it
local function now_ms() -- a plain job needs no clock
  now = now or clock_ms(ARGV[1])
  return now
end
local queues = {}
for i = 8, #ARGV, 10 do
  local id, queue, delay, ns, member = ARGV[i], ARGV[i + 1], tonumber(ARGV[i + 2]), ARGV[i + 3], ARGV[i + 4]
  local key, holder = ARGV[3] .. id, false
  queues[queue] = true
  local mine = redis.call('EXISTS', key) == 1 -- sent before: whoever holds the claim by now, this job was taken
  if ns ~= '' and not mine then
    holder = redis.call('HGET', ARGV[6] .. ns .. ':jobs', member)
    if holder and not holds(holder, ARGV[3], redis.call('ZSCORE', ARGV[6] .. ns, member), now_ms()) then holder = false end
  end
  if mine then
    out[#out + 1] = ''
  elseif holder then
    local theirs = redis.call('HGET', ARGV[3] .. holder, 'data')
    out[#out + 1] = (theirs and theirs ~= ARGV[i + 5]) and '!' .. holder or holder
  else
    local job = {'created_at', iso, 'enqueued_at', iso, 'data', ARGV[i + 5], 'origin', queue, 'description', ARGV[i + 6],
      'timeout', ARGV[i + 7], 'failure_ttl', ARGV[7], 'status', delay > 0 and 'scheduled' or 'queued'}
    if ARGV[i + 8] ~= '' then job[#job + 1] = 'meta'; job[#job + 1] = ARGV[i + 8] end
    if ARGV[i + 9] ~= '0' then job[#job + 1] = 'retries_left'; job[#job + 1] = ARGV[i + 9] end
    if ns ~= '' then job[#job + 1] = 'claim'; job[#job + 1] = ns .. ':' .. member end
    redis.call('HSET', key, unpack(job))
    if ns ~= '' then
      redis.call('SADD', KEYS[2], ns)
      redis.call('ZADD', ARGV[6] .. ns, string.format('%d', now_ms()), member) -- as text: Redis prints the number of a script slowly
      redis.call('HSET', ARGV[6] .. ns .. ':jobs', member, id)
    end
    redis.call('SADD', KEYS[1], ARGV[4] .. queue)
    if delay > 0 then
      redis.call('ZADD', ARGV[5] .. queue, math.ceil((now_ms() + delay) / 1000), id) -- whole seconds, as RQ; never early
      first = first or redis.call('ZRANGE', ARGV[5] .. queue, 0, 0)[1] == id
    else
      redis.call('RPUSH', ARGV[4] .. queue, id)
      pushed = pushed + 1
    end
    out[#out + 1] = ''
  end
end
pushed = pushed + (first and 1 or 0)
if pushed > 0 then wake(KEYS[3], pushed) end
if not KEYS[4] then return out end
local unserved = {}
local function is_served(queue)
  local one = redis.pcall('SRANDMEMBER', KEYS[7] .. ':' .. queue)
  if type(one) ~= 'string' then return false end
  if redis.call('EXISTS', one) == 1 then return true end
  for _, worker in ipairs(redis.call('SMEMBERS', KEYS[7] .. ':' .. queue)) do -- some died without a word
    if redis.call('EXISTS', worker) == 1 then return true end
  end
end
local notes = ''
if redis.call('EXISTS', KEYS[4], KEYS[5], KEYS[6]) > 0 then
  local halted, limits, kinds = redis.pcall('GET', KEYS[5]), redis.pcall('HGETALL', KEYS[6]), {}
  for i = 2, limits.err and 0 or #limits, 2 do
    if limits[i] == '0' then kinds[#kinds + 1] = limits[i - 1] end
  end
  halted = type(halted) == 'string' and halted or ''
  local suspended = redis.call('PTTL', KEYS[4])
  if suspended ~= -2 or halted ~= '' or #kinds > 0 then notes = {'', suspended, halted, kinds} end
end
for queue in pairs(queues) do
  if not is_served(queue) then unserved[#unserved + 1] = queue end
end
if #unserved > 0 then
  unserved = table.concat(unserved, ',')
  if notes == '' then notes = unserved else notes[1] = unserved end
end
out[#out + 1] = notes
return out
