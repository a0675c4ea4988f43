-- A line of holders that wait for one host, tenant or provider. Each has a tag, which gives the order, and a moment to come back.
-- Tags are those of start-time fair queueing: tenants take turns, however many holders each has in the line.
-- Who is here while the line's next moment is free takes it, unless somebody before it in the order is about to come.
-- Uses scraping/gate_keys, engine/job_lives
-- Constants LATE_MS, LINE_FORGETS_MS, DIRECT
-- `rq`: prefix of RQ's keys. A holder is a job, or a part of one (`job/part`), unless it begins with DIRECT.
local function line_of(key, tenant, apart_ms, lead_ms, rq)
  return {order = key .. ':order', due = key .. ':due', tags = key .. ':tags', tenant = tenant, apart = apart_ms, lead = lead_ms,
    rq = rq}
end
local function leave_line(line, holder, tag)
  redis.call('ZREM', line.order, holder)
  if redis.call('ZREM', line.due, holder) == 1 and tag then redis.call('HSET', line.tags, '=', tag) end
end
local function forget_lapsed(line, now)
  for _, holder in ipairs(sorted('ZRANGEBYSCORE', line.due, '-inf', ms(now - LINE_FORGETS_MS), 'LIMIT', 0, 20)) do
    leave_line(line, holder)
  end
end
local function is_there(line, holder)
  if not line.rq or string.sub(holder, 1, #DIRECT) == DIRECT then return true end
  return job_lives(line.rq, string.match(holder, '^[^/]*'))
end
local function somebody_comes(line, holder, tag, free_at, now)
  local before = '(' .. ms(math.max(now, free_at) + line.apart)
  local comes = redis.call('ZRANGEBYSCORE', line.due, ms(now - LATE_MS), before, 'LIMIT', 0, 8)
  for _, other in ipairs(comes) do
    local others = number(redis.call('ZSCORE', line.order, other))
    if other ~= holder and (not tag or others < tag or (others == tag and other < holder)) then
      if is_there(line, other) then return true end
      leave_line(line, other)
    end
  end
  return false
end
local function enter_line(line, holder)
  local tags = hash_of(line.tags, '=', '+' .. line.tenant)
  local tag = math.max(number(tags[1]), number(tags[2])) + 1
  redis.call('HSET', line.tags, '+' .. line.tenant, tag)
  redis.call('ZADD', line.order, tag, holder)
  return tag
end
-- The moment at which the holder is to come back, written down; nil where it is the holder's turn. `full`: nothing is free before
-- `free_at`, however near that is.
local function wait_in(line, holder, free_at, full, now)
  if sorted('ZCARD', line.due) == 0 and not full and free_at <= now + line.lead then return nil end
  forget_lapsed(line, now)
  local tag, due = tonumber(sorted('ZSCORE', line.order, holder) or ''), number(redis.call('ZSCORE', line.due, holder) or '')
  if not full and free_at <= now + line.lead and not somebody_comes(line, holder, tag, free_at, now) then return nil end
  if due > now + line.lead and due >= free_at then return due end
  tag = tag or enter_line(line, holder)
  due = math.max(free_at, now) + math.floor(redis.call('ZRANK', line.order, holder) * line.apart)
  redis.call('ZADD', line.due, ms(due), holder)
  local last = redis.call('ZREVRANGE', line.due, 0, 0, 'WITHSCORES')
  for _, key in ipairs({line.order, line.due, line.tags}) do
    redis.call('PEXPIRE', key, ms(number(last[2]) - now + LINE_FORGETS_MS))
  end
  return due
end
