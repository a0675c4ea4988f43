-- Counts occurrences of an entry that were missed, left out or late: in our record of it, in the hour and, for a while, in the minute.
-- Uses engine/hour_counts
-- Constants COUNT_TTL_S
-- `minute`: the count of the minute; nil where none is kept.
local function count_occurrences(record, hour, field, number, minute)
  if number <= 0 then return end
  redis.call('HINCRBY', record, field, number)
  count_in_hour(hour, 'schedule|' .. field .. '||', string.format('%d', number))
  if minute then redis.call('INCRBY', minute, number); redis.call('EXPIRE', minute, COUNT_TTL_S) end
end
