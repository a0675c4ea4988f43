-- Finds RQ's records of runs that hold no lease: in a started registry, among the executions of a job or of a worker; removes them.
-- Runs of other queues are left alone: other workers hold them.
-- Uses repair/lease_members
-- KEYS
--   leases       job:execution → end (zset, ms)
-- ARGV
--   repair       1 = repair, 0 = only look
--   job_prefix
--   our_queues   names of our queues, each between commas
--   records...   three for each record: its key, its entry there, its lease (job:execution)
-- Returns the leases of those records. Expires nothing.
local found, REMOVE = {}, {zset = 'ZREM', set = 'SREM'}
for i = records_at, #ARGV, 3 do
  local key, entry, lease = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local origin = redis.pcall('HGET', job_prefix .. job_of(lease), 'origin')
  local is_ours = type(origin) ~= 'string' or string.find(our_queues, ',' .. origin .. ',', 1, true)
  local kind = redis.call('TYPE', key).ok
  local is_there = kind == 'hash' or (kind == 'zset' and redis.call('ZSCORE', key, entry))
    or (kind == 'set' and redis.call('SISMEMBER', key, entry) == 1)
  if is_ours and is_there and not redis.call('ZSCORE', leases, lease) then
    found[#found + 1] = lease
    if repair == '1' and kind == 'hash' then redis.call('DEL', key) end
    if repair == '1' and kind ~= 'hash' then redis.call(REMOVE[kind], key, entry) end
  end
end
return found
