-- Finds jobs that say they wait in a queue and stand in none; puts them at its front.
-- KEYS[1] quarantine (hash)  KEYS[2] wake-ups (list)  KEYS[3] queues that hold anything (set)
-- KEYS[4] leases (zset: job:execution → end, ms)
-- ARGV[1] 1 = repair, 0 = only look  ARGV[2] prefix of RQ's keys; then job ids, newest first
-- Returns those ids. Jobs in quarantine, and those of a queue whose key is broken, are left alone. Expires: wake-ups.
local rq, by_list, found = ARGV[2], {}, {}
local function absent(list, ids)
  local kind, missing, out = redis.call('TYPE', list).ok, {}, {}
  if kind ~= 'list' then return kind == 'none' and ids or {} end
  for _, id in ipairs(ids) do missing[id] = #ids > 10 or not redis.call('LPOS', list, id) end
  for at = 0, #ids > 10 and redis.call('LLEN', list) - 1 or -1, 1000 do -- many: one walk is cheaper than a search for each
    for _, id in ipairs(redis.call('LRANGE', list, at, at + 999)) do missing[id] = missing[id] and false end
  end
  for _, id in ipairs(ids) do if missing[id] then out[#out + 1] = id end end
  return out
end
for i = 3, #ARGV do
  local seen = redis.pcall('HMGET', rq .. 'job:' .. ARGV[i], 'status', 'origin', 'prefetched')
  local in_hand = seen[3] and redis.call('ZSCORE', KEYS[4], ARGV[i] .. ':' .. seen[3])
  if seen[1] == 'queued' and seen[2] and not in_hand and redis.call('HEXISTS', KEYS[1], ARGV[i]) == 0 then
    local list = rq .. 'queue:' .. seen[2]
    by_list[list] = by_list[list] or {}
    table.insert(by_list[list], ARGV[i])
  end
end
for list, ids in pairs(by_list) do
  for _, id in ipairs(absent(list .. ':intermediate', absent(list, ids))) do
    found[#found + 1] = id
    if ARGV[1] == '1' then redis.call('LPUSH', list, id); redis.call('SADD', KEYS[3], list) end
    if ARGV[1] == '1' then redis.call('HDEL', rq .. 'job:' .. id, 'turn') end -- it stands out of turn now
  end
end
if ARGV[1] == '1' then wake(KEYS[2], #found) end
return found
