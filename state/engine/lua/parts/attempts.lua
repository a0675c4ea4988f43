-- What is kept of the attempts of a job. pcall: a broken key of theirs must not hold up a job.
-- Constants ATTEMPTS JOB_LINES MOST_ATTEMPTS ATTEMPTS_TTL_S
local PARKED = '"how":"parked"'
-- Keeps one that ended, in place of what is known of the same execution. `noted` in the job's record tells its next attempt of it.
local function keep_attempt(key, id, execution, record, keep_s)
  local list, begin = ATTEMPTS .. id, '{"execution":"' .. execution .. '"'
  redis.pcall('DEL', JOB_LINES .. id)
  if keep_s == '0' then return redis.pcall('DEL', list) end
  local last = redis.pcall('LINDEX', list, '-1')
  last = type(last) == 'string' and last or ''
  local is_same = string.sub(last, 1, #begin) == begin
  local are_parked = string.find(last, PARKED, 1, true) and string.find(record, PARKED, 1, true)
  if is_same or are_parked then redis.pcall('LTRIM', list, 0, -2) end -- of many that were parked the last: they must not drive out failures
  redis.pcall('RPUSH', list, record)
  redis.pcall('LTRIM', list, '-' .. MOST_ATTEMPTS, '-1')
  redis.pcall('EXPIRE', list, keep_s ~= '' and keep_s or ATTEMPTS_TTL_S)
  redis.pcall('HSET', key, 'noted', '1')
end
-- Keeps one whose worker died; `job`: see rescue.lua. One that had perhaps not begun is none, unless it logged something.
local function keep_crash(job, began, now)
  local lines = redis.pcall('GET', JOB_LINES .. job.id)
  lines = type(lines) == 'string' and lines or nil
  if redis.call('EXISTS', job.key) == 0 or not (began or lines) then return end
  local record = '{"execution":' .. cjson.encode(job.execution) .. ',"how":"crashed","began":'
    .. cjson.encode(began and job.started_at or '') .. ',"ended_ms":' .. string.format('%d', now)
    .. ',"class":"WorkerDied","message":"its worker died or stood still","log":' .. (lines or '[]') .. '}'
  keep_attempt(job.key, job.id, job.execution, record, '')
end
