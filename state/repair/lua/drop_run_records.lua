-- Finds RQ's records of runs that hold no lease: in a started registry, among a job's executions or a worker's; removes them.
-- KEYS[1] leases (zset: job:execution → end, ms)
-- ARGV[1] 1 = repair, 0 = only look  ARGV[2] prefix of jobs  ARGV[3] our queues, each between commas
-- then 3 for each record: its key, its entry there, its lease (job:execution)
-- Returns those leases. Runs of other queues are not ours to judge. Expires nothing.
local found, remove = {}, {zset = 'ZREM', set = 'SREM'}
for i = 4, #ARGV, 3 do
  local key, entry, lease = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local origin = redis.pcall('HGET', ARGV[2] .. string.match(lease, '^(.-):?[^:]*$'), 'origin')
  local ours = type(origin) ~= 'string' or string.find(ARGV[3], ',' .. origin .. ',', 1, true)
  local kind = redis.call('TYPE', key).ok
  local there = kind == 'hash' or (kind == 'zset' and redis.call('ZSCORE', key, entry))
    or (kind == 'set' and redis.call('SISMEMBER', key, entry) == 1)
  if ours and there and not redis.call('ZSCORE', KEYS[1], lease) then
    found[#found + 1] = lease
    if ARGV[1] == '1' and kind == 'hash' then redis.call('DEL', key) end
    if ARGV[1] == '1' and kind ~= 'hash' then redis.call(remove[kind], key, entry) end
  end
end
return found
