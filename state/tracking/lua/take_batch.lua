-- Takes due keywords, fairly by project weight, claims each and puts its job in a queue: all of it or nothing.
-- Which keywords are queued: the project with the lowest virtual time has the next turn, and moves on by 1 / weight.
-- In which order their jobs are served: by turns in each queue (parts/turns.lua), whatever waited there before.
-- Uses store/clock, engine/claims, engine/wakeups, engine/job_record, tracking/due, tracking/due_keywords, tracking/fair_queue
-- Uses tracking/ring, tracking/paused_projects
-- KEYS
--   ring                 projects with due keywords (zset, virtual time)
--   waiting              the other active projects (zset, s)
--   vtime                the virtual time (string)
--   claims               claimed keywords (zset, ms)
--   claim_jobs           claimed keyword → job (hash)
--   namespaces           namespaces of claims (set)
--   queues               queues that hold anything (set)
--   high_queue           jobs of keywords that were never scraped (list)
--   default_queue        jobs of the others (list)
--   allowance            what the ticks of one interval have taken (string), '' = no limit
--   wakeups              one entry for each worker to wake (list)
--   weights              weights that are not 1 (hash)
--   high_turns           project → its next turn in `high` (hash)
--   default_turns        project → its next turn in `default` (hash)
--   limits               kind → concurrency limit (hash)
--   kinds                function → kind (hash)
--   pauses               what is paused (hash: scope → JSON)
-- ARGV
--   now_ms               '' = server time
--   size                 keywords wanted
--   hold_s               seconds a claimed keyword stays out of the selection
--   max_depth            queue depth from which the batch is held back
--   allowance_size       keywords that the ticks of one interval may take
--   allowance_s          lifetime of the allowance
--   token                distinguishes this call: the ids of its jobs end with it
--   now_iso              now, as RQ writes it
--   path                 the function of the jobs
--   timeout_s            the time limit of a job
--   project_prefix
--   keyword_prefix
--   job_prefix
--   failure_ttl_s        lifetime of a failed job
--   spare                jobs beyond that depth, for projects with next to nothing in the queue
--   turns_s              lifetime of the turns
-- Returns {to high, to default, {projects served}, 'whole' or 'held back' (by depth)}. Expires: the allowance, the turns.
local at_ms = clock_ms(now_ms)
local now, want, extent = math.floor(at_ms / 1000), tonumber(size), 'whole'
local room = max_depth - redis.call('LLEN', high_queue) - redis.call('LLEN', default_queue)
if room < want then want = math.min(want, math.max(room + spare, 0)); extent = 'held back' end
if allowance ~= '' then want = math.min(want, allowance_size - (redis.call('GET', allowance) or 0)) end
if want <= 0 then return {0, 0, {}, extent} end
local kind, virtual_time = limited_kind(path, limits, kinds), tonumber(redis.call('GET', vtime) or 0)
local high = fair_queue('high', high_queue, high_turns, job_prefix, kind)
local default = fair_queue('default', default_queue, default_turns, job_prefix, kind)
local paused = paused_projects(pauses, at_ms)
join_ring(ring, waiting, project_prefix, now, want + #paused, virtual_time)
local put_back_paused = hold_projects(ring, paused)

local weight_of = weights_in(weights)
local function enqueue(project, keyword, queue)
  local id = 'serp-' .. keyword .. '-' .. token
  write_claim(claims, claim_jobs, keyword, id, at_ms)
  local data, description = data_of_call(path, keyword), path .. "('" .. keyword .. "')"
  local turn = queue.add(project, id, weight_of(project))
  write_job(job_prefix .. id, now_iso, queue.name, 'queued', failure_ttl_s, data, description, timeout_s, 'turn', turn, 'project', project)
end

local next_of, held_until = due_keywords(now), string.format('%d', HELD + now + hold_s)
local total, served, passed_over = 0, {}, {}
while total < want and #passed_over < 2 * want do
  local head = redis.call('ZRANGE', ring, 0, 0, 'WITHSCORES')
  local project, turn = head[1], tonumber(head[2])
  if not project then break end
  local due = project_prefix .. project .. ':due'
  local keyword, score = next_of(project, due)
  local was_scraped = keyword and score ~= 0 and redis.call('HEXISTS', keyword_prefix .. keyword, 's') == 1 -- due at 0: never
  local queue = was_scraped and default or high
  if total >= room and keyword and not queue.is_near(project, math.max(high.span, default.span) / 10) then
    redis.call('ZREM', ring, project)
    passed_over[#passed_over + 1] = turn; passed_over[#passed_over + 1] = project
  elseif not keyword then
    virtual_time = math.max(virtual_time, turn)
    leave_ring(ring, waiting, project, due)
  else
    virtual_time = math.max(virtual_time, turn)
    redis.call('ZADD', due, held_until, keyword)
    if not holder_of(claims, claim_jobs, keyword, job_prefix, function() return at_ms end) then
      enqueue(project, keyword, queue)
      total, served[project] = total + 1, true
      redis.call('ZADD', ring, turn + 1 / weight_of(project), project)
    end
  end
end
if passed_over[1] then redis.call('ZADD', ring, unpack(passed_over)) end
put_back_paused(virtual_time)
redis.call('SET', vtime, string.format('%.17g', virtual_time))
local to_high, to_default = high.put(turns_s), default.put(turns_s)
count_came(now_iso)
if total > 0 then
  wake(wakeups, total)
  redis.call('SADD', namespaces, 'serp')
  redis.call('SADD', queues, high_queue, default_queue)
end
if total > 0 and allowance ~= '' and redis.call('INCRBY', allowance, total) > 0 then redis.call('EXPIRE', allowance, allowance_s) end
return {to_high, to_default, keys_of(served), extent}
