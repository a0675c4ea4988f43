-- RQ's record of a job. This is the only place that writes the record of a new job. Its script calls `count_came` at the end.
-- Uses engine/flow
local came = {} -- queue → how many new jobs
-- `at`: the time as RQ writes it. `failure_ttl_s`: how long RQ keeps it where it fails. Then names and values of optional fields.
local function write_job(key, at, queue, status, failure_ttl_s, data, description, timeout_s, ...)
  redis.call('HSET', key, 'created_at', at, 'enqueued_at', at, 'origin', queue, 'status', status, 'data', data,
    'description', description, 'timeout', timeout_s, 'failure_ttl', failure_ttl_s, ...)
  came[queue] = (came[queue] or 0) + 1
end
local function count_came(at)
  count_flow('|in|', came, at)
end
-- The data of a call with one plain argument (letters, digits, - and _), letter by letter as Python writes its JSON.
local function data_of_call(path, argument)
  return '["' .. path .. '", null, ["' .. argument .. '"], {}]'
end
