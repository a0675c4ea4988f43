-- Notes that the job of a caller's key is there. A key that has expired, or stands for another job by now, stays as it is.
-- KEYS
--   entry      the key (hash)
-- ARGV
--   begun      the id that the job was to have
--   job_id     the id it has: another where a job did this work already
--   queue      its queue
-- Returns 1; 0 where nothing was changed. Expires: nothing; the key keeps its time.
if redis.call('HGET', entry, 'job') ~= begun then return 0 end
redis.call('HSET', entry, 'job', job_id, 'queue', queue)
return 1
