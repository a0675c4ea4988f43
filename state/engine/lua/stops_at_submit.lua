-- Reads what keeps submitted jobs from starting.
-- Uses store/clock, engine/pauses
-- KEYS
--   suspended   rq:suspended (string)
--   halted      why fetching is halted (string)
--   limits      limits (hash: kind → most)
--   workers     rq:workers (set); the workers of a queue stand in a set beside it
--   pauses      what is paused (hash: scope → JSON)
--   kinds       function → kind (hash)
-- ARGV
--   now_ms      '' = server time
--   provider    scope of the provider of checks
--   queues...   queues of the jobs
-- Returns '' (nothing), the queues that no living worker serves, between commas, or {these, suspended for (ms; -1 = for ever, -2 =
--   not), why fetching is halted, {kinds of which none may run}, {paused scope, JSON, ...}}. Expires nothing.
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
  local found, names = redis.pcall('HGETALL', limits), {}
  for i = 2, found.err and 0 or #found, 2 do
    if found[i] == '0' then names[#names + 1] = found[i - 1] end
  end
  return names
end
local function paused_scopes()
  local scopes, found = {provider}, {}
  if redis.call('EXISTS', pauses) == 0 then return found end
  for i = queues_at, #ARGV do scopes[#scopes + 1] = 'queue:' .. ARGV[i] end
  for _, kind in ipairs(known_kinds(kinds)) do scopes[#scopes + 1] = 'kind:' .. kind end
  local raws, now = redis.pcall('HMGET', pauses, unpack(scopes)), clock_ms(now_ms)
  for i, scope in ipairs(raws.err and {} or scopes) do
    if is_in_force(raws[i], now) then found[#found + 1] = scope; found[#found + 1] = raws[i] end
  end
  return found
end
local unserved = {}
for i = queues_at, #ARGV do
  if not is_served(workers .. ':' .. ARGV[i]) then unserved[#unserved + 1] = ARGV[i] end
end
local names = table.concat(unserved, ',')
if redis.call('EXISTS', suspended, halted, limits, pauses) == 0 then return names end
local reason, at_zero, paused, suspended_ms = redis.pcall('GET', halted), kinds_at_zero(), paused_scopes(), redis.call('PTTL', suspended)
reason = type(reason) == 'string' and reason or ''
if suspended_ms == -2 and reason == '' and #at_zero == 0 and #paused == 0 then return names end
return {names, suspended_ms, reason, at_zero, paused}
