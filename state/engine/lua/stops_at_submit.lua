-- Reads what keeps submitted jobs from starting.
-- KEYS
--   suspended   rq:suspended (string)
--   halted      why fetching is halted (string)
--   limits      limits (hash: kind → most)
--   workers     rq:workers (set); the workers of a queue stand in a set beside it
-- ARGV
--   queues...   queues of the jobs
-- Returns '' (nothing), the queues that no living worker serves, between commas, or {these, suspended for (ms; -1 = for ever, -2 =
--   not), why fetching is halted, {kinds of which none may run}}. Expires nothing.
local function is_served(workers_of_queue)
  local one = redis.pcall('SRANDMEMBER', workers_of_queue)
  if type(one) ~= 'string' then return false end
  if redis.call('EXISTS', one) == 1 then return true end
  for _, worker in ipairs(redis.call('SMEMBERS', workers_of_queue)) do -- some died unannounced
    if redis.call('EXISTS', worker) == 1 then return true end
  end
  return false
end
local function kinds_at_zero()
  local found, kinds = redis.pcall('HGETALL', limits), {}
  for i = 2, found.err and 0 or #found, 2 do
    if found[i] == '0' then kinds[#kinds + 1] = found[i - 1] end
  end
  return kinds
end
local unserved = {}
for i = queues_at, #ARGV do
  if not is_served(workers .. ':' .. ARGV[i]) then unserved[#unserved + 1] = ARGV[i] end
end
local names = table.concat(unserved, ',')
if redis.call('EXISTS', suspended, halted, limits) == 0 then return names end
local reason, kinds, suspended_ms = redis.pcall('GET', halted), kinds_at_zero(), redis.call('PTTL', suspended)
reason = type(reason) == 'string' and reason or ''
if suspended_ms == -2 and reason == '' and #kinds == 0 then return names end
return {names, suspended_ms, reason, kinds}
