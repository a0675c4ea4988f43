-- Starts or prefetches a job that may run, and keeps what is no job in the quarantine.
-- Uses store/rq_time, engine/valid_job, engine/execution_record
-- `store`: the keys of lease.lua; `book`: see lease_book.lua. Each job taken is a row of `rows`.
local function job_start(store, book, rows)
  local rq, worker, begins, taken = store.rq, store.worker, store.worker .. '-' .. store.request .. '-', 0
  local iso = store.iso ~= '' and store.iso or rq_time(store.now)
  local is_taken = {}
  local function refuse(id, queue, reason)
    quarantine(store.quarantined, id, queue, reason, store.now)
    return true
  end
  -- `has_place`: a thread or a coroutine is free for the job; else it is prefetched.
  local function start(id, queue, job, fields, has_place)
    local starts = has_place or job.rate_limit_key
    taken, is_taken[id] = taken + 1, true
    local execution = begins .. taken
    local key, lease = rq .. 'job:' .. id, id .. ':' .. execution
    if starts then
      redis.call('HSET', key, 'status', 'started', 'worker_name', worker, 'started_at', iso, 'last_heartbeat', iso)
    else
      redis.call('HSET', key, 'prefetched', execution)
    end
    book.add(lease, queue, starts)
    if job.rate_limit_key then write_execution(rq, lease, id, execution, worker, string.format('%.3f', store.now / 1000)) end
    rows[#rows + 1] = {id, execution, queue, fields, starts and 'started' or 'prefetched'}
    return lease
  end
  return {is_taken = is_taken, refuse = refuse, start = start}
end
