-- RQ's record of a job. This is the only place that writes the record of a new job.
local OPTIONAL = {'meta', 'retries_left', 'claim', 'turn'}
-- Writes a new job; `at` is the time as RQ writes it. Optional fields are left out where they are nil or ''.
local function write_job(key, at, job)
  local fields = {'created_at', at, 'enqueued_at', at, 'data', job.data, 'origin', job.queue, 'description', job.description,
    'timeout', job.timeout_s, 'failure_ttl', job.failure_ttl_s, 'status', job.status or 'queued'}
  for _, name in ipairs(OPTIONAL) do
    local value = job[name]
    if value and value ~= '' then
      fields[#fields + 1] = name
      fields[#fields + 1] = value
    end
  end
  redis.call('HSET', key, unpack(fields))
end
-- The data of a call with one plain argument (letters, digits, - and _), letter by letter as Python writes its JSON.
local function data_of_call(path, argument)
  return '["' .. path .. '", null, ["' .. argument .. '"], {}]'
end
