-- Takes up to n jobs from queues, each under a lease, and shows them to RQ's tools as started.
-- Uses store/clock, engine/pauses, engine/free_places, engine/lease_book, engine/concurrency_limits, engine/job_taker
-- Uses engine/started_jobs
-- Constants RQ_PREFIX, RQ_SUSPENDED, PAUSES, QUARANTINE, LIMITS, KINDS, RUNS, SLOTS, FOLLOWED, EVENTS
-- A look blocks 1,000 jobs at most and says `unfinished` then: so a queue with a million of them costs the same as a short one.
-- A paused queue is passed over. A paused kind is limited to 0: its jobs are blocked, in order, and hold up nobody.
-- RQ's record of an execution comes later, for jobs that run for a while (write_executions): most have ended by then. A rate limited
-- job has it at once, because RQ lets the next one go where it finds no execution of this one.
-- KEYS
--   leases             leases (zset: job:execution → end, ms)
--   last_request       this worker's last request (string)
--   queues...          queues (lists)
-- ARGV
--   now_ms             '' = server time
--   now                now as RQ writes it ('' = the server's)
--   worker             its name
--   request            number of the request: sent again with the same number, it gives the same jobs
--   lease_ms           how long the leases hold
--   setting_kind       the kind that a setting limits
--   setting_limit      its limit
--   threads            threads there are jobs for
--   coroutines         coroutines there are jobs for
--   threads_ahead      so many of the threads are not free yet
--   coroutines_ahead   so many of the coroutines are not free yet
--   shares             how queues share the places (parts/free_places.lua); '' = the queues are served in order
--   functions...       functions that are coroutines
-- Returns {unfinished (look again at once), more (jobs wait), blocked (only blocked jobs wait) or empty, {jobs whose kind must be
--   resolved before}, {job, execution, queue, {field, value, ...}, started or prefetched}, ...}. Expires: the last request (60 s).
local store = {now = clock_ms(now_ms), iso = now, rq = RQ_PREFIX, worker = worker, request = request, leases = leases, limits = LIMITS,
  last_request = last_request, kinds = KINDS, runs = RUNS, slots = SLOTS, quarantined = QUARANTINE, is_coroutine = {}}
local reply, queue_keys = {'empty', {}}, {unpack(KEYS, queues_at)}
local holds = redis.call('EXISTS', RQ_SUSPENDED, PAUSES) -- in one look: nearly always there is neither
if holds > 0 and redis.call('EXISTS', RQ_SUSPENDED) == 1 then return reply end
for i = functions_at, #ARGV do store.is_coroutine[ARGV[i]] = true end
local open_queues = hold_paused(store, holds > 0 and PAUSES, queue_keys)

local book = lease_book(store, store.now, lease_ms)
local before = jobs_of_request(store, book.lease_end)
for _, row in ipairs(before or {}) do reply[#reply + 1] = row end
local places = free_places(threads, coroutines, threads_ahead, coroutines_ahead)
local limited = concurrency_limits(store, setting_kind, tonumber(setting_limit), book.write)
local taker = job_taker(store, places, book, limited, reply)
local function backlog()
  if taker.is_unfinished() then return 'unfinished' end
  if open_queues[1] and redis.call('EXISTS', unpack(open_queues)) > 0 then return 'more' end
  return limited.any_blocked(open_queues) and 'blocked' or 'empty'
end
if not before and places.any() then
  redis.call('ZSCORE', leases, '') -- a broken key raises here, before anything was changed
  local complete, failure = pcall(serve_queues, places, shares, queue_keys, taker.serve)
  book.write() -- also where a key is broken: what was taken is this worker's, which learns of it when it asks again
  book.remember()
  if not complete then error(failure) end
  limited.forget_removed()
  tell_started(reply, store.now)
end
reply[1], reply[2] = backlog(), taker.unresolved
return reply
