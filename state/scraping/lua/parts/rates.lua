-- What was set by hand for a host or tenant, and the windows of it: at most so many requests within so many seconds.
-- A window is kept in 60 steps: a hash has for each step its number and its count. The step that is running out counts in full, so
-- no window of that length ever holds more; at most one part in 60 is left unused.
-- Uses scraping/gate_keys
local STEPS = 60
local function rate_of(text)
  local is_json, found = pcall(cjson.decode, text or '{}')
  if not is_json or type(found) ~= 'table' then return {} end
  local windows = type(found.windows) == 'table' and found.windows or nil
  for _, window in ipairs(windows or {}) do
    local seconds = type(window) == 'table' and number(window[1]) or 0
    if seconds < 1 or seconds > 1e8 or not tonumber(window[2]) then windows = nil end
  end
  return {windows = windows, delay_ms = tonumber(found.delay_ms), concurrency = tonumber(found.concurrency)}
end
local function window_field(seconds, step) return seconds .. ':' .. step % (STEPS + 1) end
-- From when on one more request fits into all windows (ms, 0 = now), and how far apart requests are that use them up (ms).
local function windows_free(key, windows, now)
  local free, apart = 0, 0
  for _, window in ipairs(windows or {}) do
    local seconds, most = window[1], window[2]
    local step_ms, fields, counts, total = seconds * 1000 / STEPS, {}, {}, 0
    local current = math.floor(now / step_ms)
    for step = current - STEPS, current do fields[#fields + 1] = window_field(seconds, step) end
    for i, text in ipairs(hash_of(key, unpack(fields))) do
      local step, count = string.match(text or '', '^(%d+):(%d+)$')
      counts[i] = tonumber(step) == current - STEPS + i - 1 and tonumber(count) or 0
      total = total + counts[i]
    end
    local i = 1
    while total >= most and i <= STEPS + 1 do
      total = total - (counts[i] or 0)
      if total < most then free = math.max(free, math.ceil((current - STEPS + i + STEPS) * step_ms)) end
      i = i + 1
    end
    if most == 0 then free = math.max(free, now + seconds * 1000) end
    apart = math.max(apart, seconds * 1000 / math.max(1, most))
  end
  return free, apart
end
-- Counts a request that goes at that time.
local function windows_count(key, windows, at)
  for _, window in ipairs(windows or {}) do
    local step = math.floor(at * STEPS / (window[1] * 1000))
    local field = window_field(window[1], step)
    local before, count = string.match(redis.call('HGET', key, field) or '', '^(%d+):(%d+)$')
    redis.call('HSET', key, field, string.format('%.0f:%d', step, tonumber(before) == step and count + 1 or 1))
    if redis.call('TTL', key) < window[1] * 2 then redis.call('EXPIRE', key, window[1] * 2 + 60) end
  end
end
