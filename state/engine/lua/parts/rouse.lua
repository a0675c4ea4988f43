-- Puts a job at the front of the queue high, unless its mark says that one is on its way. The job takes the mark away when it finds
-- nothing to do, in the step that finds nothing: so what comes later has another one put there.
-- Uses store/rq_time, engine/job_record, engine/wakeups
-- Constants RQ_PREFIX, WAKE_LIST, ROUSED_S, FAILED_S
-- `call`: id of the job, function, argument (plain, see data_of_call), time limit (s). Returns whether a job was put there.
local function rouse(mark, now_ms, call)
  if not redis.call('SET', mark, call.id, 'NX', 'EX', ROUSED_S) then return false end
  write_job(RQ_PREFIX .. 'job:' .. call.id, rq_time(now_ms), 'high', 'queued', FAILED_S, data_of_call(call.path, call.argument),
    call.path .. "('" .. call.argument .. "')", call.timeout_s, 'retries_left', 3)
  count_came(rq_time(now_ms))
  redis.call('SADD', RQ_PREFIX .. 'queues', RQ_PREFIX .. 'queue:high')
  redis.call('LPUSH', RQ_PREFIX .. 'queue:high', call.id)
  wake(WAKE_LIST, 1)
  return true
end
