-- Ends one check of a keyword: what was learnt, when the next check is due, and the claim freed, in one step.
-- KEYS[1] keyword  KEYS[2] ranks  KEYS[3] pages  KEYS[4] last error  KEYS[5] claims (zset)  KEYS[6] claim jobs  KEYS[7] failed (zset)
-- KEYS[8] ring  KEYS[9] waiting  KEYS[10] count of this minute (its number at the end: of the minute of the last check too)
-- ARGV[1] now_ms ('' = server time)  ARGV[2] keyword id  ARGV[3] owner ('' = keep claims as they are)
-- ARGV[4] read, failed, released or reparsed (the record only)
-- ARGV[5] record of the day (6 bytes, '' = none)  ARGV[6] page it speaks of ('' = none)  ARGV[7] seconds between checks
-- ARGV[8] seconds to the next attempt (failed, released)  ARGV[9] failures in a row until the next regular time
-- ARGV[10] error to keep (JSON, '' = none)  ARGV[11] its lifetime (s)  ARGV[12] prefix of projects
-- ARGV[13] next regular due time (s; '' = on the grid of the last one)
-- Returns 'recorded', 'lost' (another owner holds the claim: nothing was changed) or 'gone' (no such keyword).
-- Expires: the last error, the count.
local id, owner, outcome = ARGV[2], ARGV[3], ARGV[4]
-- Not compared as text: that goes by the server's locale.
local function day_of(text, at) return string.byte(text, at) * 256 + string.byte(text, at + 1) end
-- The index of a page in the list of pages, which holds each address once; its title is that of the newest rank. A full list gives
-- it the place of the page whose last rank is the oldest: ranks that spoke of that one say 254 from then on (dropped).
local function page_index(list, page, head, tail)
  local address, pages, last = string.match(page, '^[^\t]*\t'), redis.call('LRANGE', list, 0, 253), {}
  for i = #pages, 1, -1 do
    if pages[i] == page or (address ~= '\t' and string.sub(pages[i], 1, #address) == address) then
      if tail == '' and pages[i] ~= page then redis.call('LSET', list, i - 1, page) end
      return i - 1, head, tail
    end
  end
  if #pages < 254 then return redis.call('RPUSH', list, page) - 1, head, tail end
  local history, oldest = head .. tail, 0
  for at = 6, #history, 6 do last[string.byte(history, at)] = at end
  for i = 1, 253 do if (last[i] or 0) < (last[oldest] or 0) then oldest = i end end
  redis.call('LSET', list, oldest, page)
  local function dropped(part)
    return (string.gsub(part, '......', function(one)
      return string.byte(one, 6) == oldest and string.sub(one, 1, 5) .. '\254' or nil
    end))
  end
  return oldest, dropped(head), dropped(tail)
end
if owner ~= '' and redis.call('HGET', KEYS[6], id) ~= owner then return 'lost' end
if owner ~= '' then
  redis.call('HDEL', KEYS[6], id)
  redis.call('ZREM', KEYS[5], id)
end
if redis.call('EXISTS', KEYS[1]) == 0 then return 'gone' end

local now = math.floor(clock_ms(ARGV[1]) / 1000)
local slot = tonumber(redis.call('HGET', KEYS[1], 'd') or now)
local every = tonumber(ARGV[7])
local regular = slot > now and slot or tonumber(ARGV[13]) or slot + every * (math.floor((now - slot) / every) + 1)
local due = redis.call('HGET', KEYS[1], 'd') or 0

if ARGV[5] ~= '' then
  local record, history = ARGV[5], redis.call('GET', KEYS[2]) or ''
  local day, at = day_of(record, 1), #history
  while at > 0 and day_of(history, at - 5) > day do at = at - 6 end
  local same = at > 0 and day_of(history, at - 5) == day
  local known = same and string.byte(history, at - 3) % 4 ~= 0
  if not (known and string.byte(record, 3) % 4 == 0) then
    local head, tail = string.sub(history, 1, same and at - 6 or at), string.sub(history, at + 1)
    local page = 255
    if ARGV[6] ~= '' then page, head, tail = page_index(KEYS[3], ARGV[6], head, tail) end
    redis.call('SET', KEYS[2], head .. string.sub(record, 1, 5) .. string.char(page) .. tail)
  end
end

if outcome == 'reparsed' then return 'recorded' end
if outcome == 'read' then
  -- Each keyword counts once an hour: with its last check.
  local before = tonumber(redis.call('HGET', KEYS[1], 's') or nil)
  local counted = before and string.gsub(KEYS[10], '%d+$', string.format('%d', math.floor(before / 60)))
  if counted and now - before < 3600 and tonumber(redis.call('GET', counted) or 0) > 0 then redis.call('DECR', counted) end
  redis.call('HSET', KEYS[1], 'd', regular, 's', now)
  redis.call('HDEL', KEYS[1], 'f', 'a')
  redis.call('ZREM', KEYS[7], id)
  redis.call('DEL', KEYS[4])
  redis.call('INCR', KEYS[10])
  redis.call('EXPIRE', KEYS[10], 7200)
  due = regular
elseif outcome == 'failed' then
  local failures = redis.call('HINCRBY', KEYS[1], 'f', 1)
  redis.call('HSET', KEYS[1], 'a', now)
  redis.call('ZADD', KEYS[7], now, id)
  redis.call('SET', KEYS[4], ARGV[10], 'EX', ARGV[11])
  due = slot > now and slot or now + ARGV[8] -- a check by hand, before its time, is not retried before it
  if failures % ARGV[9] == 0 then
    due = regular
    redis.call('HSET', KEYS[1], 'd', regular)
  end
elseif tonumber(ARGV[8]) > 0 then
  due = now + ARGV[8]
end

local keyword = redis.call('HMGET', KEYS[1], 'p', 'x')
local project = ARGV[12] .. keyword[1]
if not keyword[2] and redis.call('EXISTS', project) == 1 then
  redis.call('ZADD', project .. ':due', due, id)
  refresh(keyword[1], project, KEYS[8], KEYS[9])
end
return 'recorded'
