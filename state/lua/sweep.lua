-- Frees the claims of one namespace whose job is gone or over, and lists the started ones for a look at their workers.
-- KEYS[1] claims (zset)  KEYS[2] holders (hash)
-- ARGV[1] now_ms ('' = server time)  ARGV[2] prefix of jobs
-- Returns {freed members, {member, job, worker, ...} of started jobs}.
local now, freed, started = clock_ms(ARGV[1]), {}, {}
local holders = redis.call('HGETALL', KEYS[2])
for i = 1, #holders, 2 do
  local member, job = holders[i], holders[i + 1]
  if not holds(job, ARGV[2], redis.call('ZSCORE', KEYS[1], member), now) then
    redis.call('HDEL', KEYS[2], member)
    redis.call('ZREM', KEYS[1], member)
    freed[#freed + 1] = member
  else
    local seen = redis.call('HMGET', ARGV[2] .. job, 'status', 'worker_name')
    if seen[1] == 'started' then
      for _, value in ipairs({member, job, seen[2] or ''}) do started[#started + 1] = value end
    end
  end
end
return {freed, started}
