-- Writes RQ's records of the executions of jobs that run on: when each began, and who runs it.
-- KEYS[1] leases (zset: job:execution → end, ms)
-- ARGV[1] worker  ARGV[2] prefix of RQ's keys; then 2 for each job: its lease (job:execution), when it began (s since 1970)
-- Returns how many; one that ended meanwhile gets none. Expires: the records (a day; they end with the job).
local rq, shown = ARGV[2], 0
for i = 3, #ARGV, 2 do
  local member, at = ARGV[i], ARGV[i + 1]
  local id, execution = string.match(member, '^(.-):?([^:]*)$')
  if redis.call('ZSCORE', KEYS[1], member) then
    show_execution(rq, member, id, execution, ARGV[1], at)
    shown = shown + 1
  end
end
return shown
