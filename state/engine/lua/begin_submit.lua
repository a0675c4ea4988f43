-- Takes a caller's key for a request, or says which job it stands for.
-- KEYS
--   entry      the key (hash)
-- ARGV
--   print      tells requests apart
--   job_id     the id of the job, where the key is free
--   ended      id of a job that is over and whose key may be taken ('' = none)
--   keep_s     how long the key stands for its job
-- Returns new, begun, done or other; the id of the job; its queue ('' = not known yet). Expires: the key.
local known, holder, queue = unpack(redis.call('HMGET', entry, 'print', 'job', 'queue'))
if not known or (ended ~= '' and holder == ended) then
  redis.call('DEL', entry)
  redis.call('HSET', entry, 'print', print, 'job', job_id)
  redis.call('EXPIRE', entry, keep_s)
  return {'new', job_id, ''}
end
if known ~= print then return {'other', holder, queue or ''} end
return {queue and 'done' or 'begun', holder, queue or ''}
