-- Starts or prefetches a job that may run, and keeps what is no job in the quarantine.
-- Uses store/rq_time, engine/valid_job, engine/execution_record
-- `store`: the keys of lease.lua; `places`, `book`: see their parts. Each job taken is a row of `rows`.
local function job_start(store, places, book, rows)
  local rq, worker, taken = store.rq, store.worker, 0
  local iso = store.iso ~= '' and store.iso or rq_time(store.now)
  local starter = {is_taken = {}}
  function starter.refuse(id, queue, reason)
    quarantine(store.quarantined, id, queue, reason, store.now)
    return true
  end
  function starter.start(id, queue, job, on_loop)
    local starts = places.take(on_loop) or job.rate_limit_key
    taken, starter.is_taken[id] = taken + 1, true
    local execution = worker .. '-' .. store.request .. '-' .. taken
    local lease = id .. ':' .. execution
    if starts then
      redis.call('HSET', job.key, 'status', 'started', 'worker_name', worker, 'started_at', iso, 'last_heartbeat', iso)
    else
      redis.call('HSET', job.key, 'prefetched', execution)
    end
    book.add(lease, queue, starts)
    if job.rate_limit_key then write_execution(rq, lease, id, execution, worker, string.format('%.3f', store.now / 1000)) end
    rows[#rows + 1] = {id, execution, queue, job.fields, starts and 'started' or 'prefetched'}
    return lease
  end
  return starter
end
