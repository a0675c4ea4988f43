-- Takes due keywords, fairly by project weight, claims each and puts its job in a queue: all of it or nothing.
-- Fair queueing by virtual time: the project with the lowest time has the next turn and moves on by 1 / weight.
-- KEYS[1] ring (zset, virtual time)  KEYS[2] waiting (zset, s)  KEYS[3] virtual time  KEYS[4] claims (zset, ms)  KEYS[5] claim jobs
-- KEYS[6] claim namespaces (set)  KEYS[7] rq:queues (set)  KEYS[8] queue high  KEYS[9] queue default  KEYS[10] slot ('' = no limit)
-- KEYS[11] wake-ups (list)  KEYS[12] weights that are not 1 (hash)
-- ARGV[1] now_ms ('' = server time)  ARGV[2] keywords wanted  ARGV[3] seconds a claimed keyword stays out of sight
-- ARGV[4] queue depth to hold back at  ARGV[5] keywords a slot may take  ARGV[6] lifetime of the slot (s)  ARGV[7] token of this call
-- ARGV[8] now as RQ writes it  ARGV[9] function  ARGV[10] timeout (s)  ARGV[11..13] prefixes of projects, keywords, jobs
-- ARGV[14] lifetime of a failed job (s)
-- Returns {to high, to default, {projects served}, 1 if held back by depth}. Expires: the slot.
local now_ms = clock_ms(ARGV[1])
local now, want, held = math.floor(now_ms / 1000), tonumber(ARGV[2]), 0
local room = tonumber(ARGV[4]) - redis.call('LLEN', KEYS[8]) - redis.call('LLEN', KEYS[9])
if room < want then want = math.max(room, 0); held = 1 end
if KEYS[10] ~= '' then want = math.min(want, ARGV[5] - (redis.call('GET', KEYS[10]) or 0)) end
local vtime = tonumber(redis.call('GET', KEYS[3]) or 0)

for _, project in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, math.max(want, 0))) do
  redis.call('ZREM', KEYS[2], project)
  local turn = tonumber(redis.call('HGET', ARGV[11] .. project, 'turn') or 0)
  redis.call('ZADD', KEYS[1], math.max(turn, vtime), project)
end

local function enqueue(keyword, list, name)
  local id = 'serp-' .. keyword .. '-' .. ARGV[7]
  redis.call('ZADD', KEYS[4], now_ms, keyword)
  redis.call('HSET', KEYS[5], keyword, id)
  redis.call('HSET', ARGV[13] .. id, 'created_at', ARGV[8], 'enqueued_at', ARGV[8], 'data',
    '["' .. ARGV[9] .. '", null, ["' .. keyword .. '"], {}]', 'origin', name, 'description', ARGV[9] .. "('" .. keyword .. "')",
    'timeout', ARGV[10], 'status', 'queued', 'failure_ttl', ARGV[14])
  redis.call('RPUSH', list, id)
end

local now_s, held_until = string.format('%d', now), string.format('%d', HELD + now + ARGV[3])
local looked = {}
-- The project's next keyword and its score: one whose hold ran out (its claim may be lost), else the earliest that is due.
local function next_of(project, due)
  if not looked[project] then
    local head = redis.call('ZRANGE', due, 0, 0, 'WITHSCORES')
    local score = tonumber(head[2])
    if score and score < 0 and score - HELD <= now then return head[1], score end
    looked[project] = true
    if score and score >= 0 then return score <= now and head[1], score end
  end
  local head = redis.call('ZRANGEBYSCORE', due, 0, now_s, 'WITHSCORES', 'LIMIT', 0, 1)
  return head[1], tonumber(head[2])
end

local taken, served, weights = {high = 0, default = 0}, {}, {}
while taken.high + taken.default < want do
  local head = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
  local project, turn = head[1], tonumber(head[2])
  if not project then break end
  vtime = math.max(vtime, turn)
  local due = ARGV[11] .. project .. ':due'
  local keyword, score = next_of(project, due)
  if not keyword then
    redis.call('ZREM', KEYS[1], project)
    local again = next_look(due)
    if again then redis.call('ZADD', KEYS[2], again, project) end
  else
    redis.call('ZADD', due, held_until, keyword)
    local holder = redis.call('HGET', KEYS[5], keyword)
    if not (holder and holds(holder, ARGV[13], redis.call('ZSCORE', KEYS[4], keyword), now_ms)) then
      local scraped = score ~= 0 and redis.call('HEXISTS', ARGV[12] .. keyword, 's') == 1  -- due at 0: never
      if scraped then enqueue(keyword, KEYS[9], 'default') else enqueue(keyword, KEYS[8], 'high') end
      taken[scraped and 'default' or 'high'] = taken[scraped and 'default' or 'high'] + 1
      served[project] = true
      weights[project] = weights[project] or tonumber(redis.call('HGET', KEYS[12], project) or 1)
      redis.call('ZADD', KEYS[1], turn + 1 / weights[project], project)
    end
  end
end

redis.call('SET', KEYS[3], string.format('%.17g', vtime))
local projects = {}
for project in pairs(served) do projects[#projects + 1] = project end
local total = taken.high + taken.default
if total > 0 then
  wake(KEYS[11], total)
  redis.call('SADD', KEYS[6], 'serp')
  redis.call('SADD', KEYS[7], KEYS[8], KEYS[9])
  if KEYS[10] ~= '' then
    redis.call('INCRBY', KEYS[10], total)
    redis.call('EXPIRE', KEYS[10], ARGV[6])
  end
end
return {taken.high, taken.default, projects, held}
