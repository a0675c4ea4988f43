-- Writes RQ's records of the executions of jobs that run on: when each began, and who runs it. One that was prefetched starts by it.
-- KEYS[1] leases (zset: job:execution → end, ms)
-- ARGV[1] worker  ARGV[2] prefix of RQ's keys; then 2 for each job: its lease (job:execution), when it began (s since 1970)
-- Returns how many; one that ended meanwhile gets none. Expires: the records (a day; they end with the job).
local rq, shown = ARGV[2], 0
for i = 3, #ARGV, 2 do
  local member, at = ARGV[i], ARGV[i + 1]
  local id, execution = string.match(member, '^(.-):?([^:]*)$')
  if redis.call('ZSCORE', KEYS[1], member) then
    local job = rq .. 'job:' .. id
    local seen = redis.pcall('HMGET', job, 'status', 'prefetched', 'origin', 'kind')
    if seen[1] == 'queued' and seen[2] == execution then
      local iso = iso_of(at * 1000)
      redis.call('HSET', job, 'status', 'started', 'worker_name', ARGV[1], 'started_at', iso, 'last_heartbeat', iso)
      redis.pcall('ZADD', rq .. 'wip:' .. home(seen[3] or 'default', seen[4]), string.format('%d', at + 86400), member)
    end
    show_execution(rq, member, id, execution, ARGV[1], at)
    shown = shown + 1
  end
end
return shown
