-- Takes due keywords, fairly by project weight, claims each and puts its job in a queue: all of it or nothing.
-- Parts: turns, fair_queue, due_keywords
-- Which keywords come into the queues: the project with the lowest virtual time has the next turn and moves on by 1 / weight.
-- In which order their jobs are served: by turns in each queue (parts/turns.lua), whatever waited there before.
-- KEYS[1] ring (zset, virtual time)  KEYS[2] waiting (zset, s)  KEYS[3] virtual time  KEYS[4] claims (zset, ms)  KEYS[5] claim jobs
-- KEYS[6] claim namespaces (set)  KEYS[7] rq:queues (set)  KEYS[8] queue high  KEYS[9] queue default  KEYS[10] slot ('' = no limit)
-- KEYS[11] wake-ups (list)  KEYS[12] weights that are not 1 (hash)  KEYS[13] turns in high (hash)  KEYS[14] turns in default (hash)
-- KEYS[15] limits (hash: kind → most)  KEYS[16] kinds (hash: function → kind)
-- ARGV[1] now_ms ('' = server time)  ARGV[2] keywords wanted  ARGV[3] seconds a claimed keyword stays out of sight
-- ARGV[4] queue depth to hold back at  ARGV[5] keywords a slot may take  ARGV[6] lifetime of the slot (s)  ARGV[7] token of this call
-- ARGV[8] now as RQ writes it  ARGV[9] function  ARGV[10] timeout (s)  ARGV[11..13] prefixes of projects, keywords, jobs
-- ARGV[14] lifetime of a failed job (s)  ARGV[15] places beyond that depth for projects with next to nothing in the queue
-- ARGV[16] lifetime of the turns (s)
-- Returns {to high, to default, {projects served}, 1 if held back by depth}. Expires: the slot, the turns.
local now_ms = clock_ms(ARGV[1])
local now, want, held = math.floor(now_ms / 1000), tonumber(ARGV[2]), 0
local room = tonumber(ARGV[4]) - redis.call('LLEN', KEYS[8]) - redis.call('LLEN', KEYS[9])
if room < want then want = math.min(want, math.max(room + ARGV[15], 0)); held = 1 end
if KEYS[10] ~= '' then want = math.min(want, ARGV[5] - (redis.call('GET', KEYS[10]) or 0)) end
if want <= 0 then return {0, 0, {}, held} end
local kind, vtime = limited_kind(ARGV[9], KEYS[15], KEYS[16]), tonumber(redis.call('GET', KEYS[3]) or 0)
local high = fair_queue('high', KEYS[8], KEYS[13], ARGV[13], kind)
local default = fair_queue('default', KEYS[9], KEYS[14], ARGV[13], kind)

for _, project in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, math.max(want, 0))) do
  redis.call('ZREM', KEYS[2], project)
  local turn = tonumber(redis.call('HGET', ARGV[11] .. project, 'turn') or 0)
  redis.call('ZADD', KEYS[1], math.max(turn, vtime), project)
end

local weights = {}
local function enqueue(project, keyword, queue)
  local id = 'serp-' .. keyword .. '-' .. ARGV[7]
  weights[project] = weights[project] or tonumber(redis.call('HGET', KEYS[12], project) or 1)
  redis.call('ZADD', KEYS[4], now_ms, keyword)
  redis.call('HSET', KEYS[5], keyword, id)
  redis.call('HSET', ARGV[13] .. id, 'created_at', ARGV[8], 'enqueued_at', ARGV[8], 'data',
    '["' .. ARGV[9] .. '", null, ["' .. keyword .. '"], {}]', 'origin', queue.name, 'description', ARGV[9] .. "('" .. keyword .. "')",
    'timeout', ARGV[10], 'status', 'queued', 'failure_ttl', ARGV[14], 'turn', queue.add(project, id, weights[project]))
end

local next_of, held_until = due_keywords(now), string.format('%d', HELD + now + ARGV[3])
local total, served, passed_over = 0, {}, {}
while total < want and #passed_over < 2 * want do
  local head = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
  local project, turn = head[1], tonumber(head[2])
  if not project then break end
  local due = ARGV[11] .. project .. ':due'
  local keyword, score = next_of(project, due)
  local scraped = keyword and score ~= 0 and redis.call('HEXISTS', ARGV[12] .. keyword, 's') == 1 -- due at 0: never
  local queue = scraped and default or high
  if total >= room and keyword and not queue.is_near(project, math.max(high.span, default.span) / 10) then
    redis.call('ZREM', KEYS[1], project)
    passed_over[#passed_over + 1] = turn; passed_over[#passed_over + 1] = project
  elseif not keyword then
    vtime = math.max(vtime, turn)
    redis.call('ZREM', KEYS[1], project)
    local again = next_look(due)
    if again then redis.call('ZADD', KEYS[2], again, project) end
  else
    vtime = math.max(vtime, turn)
    redis.call('ZADD', due, held_until, keyword)
    local holder = redis.call('HGET', KEYS[5], keyword)
    if not (holder and holds(holder, ARGV[13], redis.call('ZSCORE', KEYS[4], keyword), now_ms)) then
      enqueue(project, keyword, queue)
      total, served[project] = total + 1, true
      redis.call('ZADD', KEYS[1], turn + 1 / weights[project], project)
    end
  end
end
if passed_over[1] then redis.call('ZADD', KEYS[1], unpack(passed_over)) end

redis.call('SET', KEYS[3], string.format('%.17g', vtime))
local projects = {}
for project in pairs(served) do projects[#projects + 1] = project end
local to_high, to_default = high.put(ARGV[16]), default.put(ARGV[16])
if total > 0 then
  wake(KEYS[11], total)
  redis.call('SADD', KEYS[6], 'serp')
  redis.call('SADD', KEYS[7], KEYS[8], KEYS[9])
  if KEYS[10] ~= '' then
    redis.call('INCRBY', KEYS[10], total)
    redis.call('EXPIRE', KEYS[10], ARGV[6])
  end
end
return {to_high, to_default, projects, held}
