-- Makes the digest of a day, once.
-- Uses store/clock, alerts/messages
-- KEYS
--   made      the digest of this day was made (string)
--   due       what is to be sent (zset, ms)
--   sent      what became of messages (zset, ms)
-- ARGV
--   now_ms    '' = server time
--   plan      JSON: as look.lua has it
--   body      what the digest says (JSON)
-- Returns 1, or 0 where it was made before. Expires: all.
local now = math.floor(clock_ms(now_ms))
if not redis.call('SET', made, string.format('%d', now), 'NX', 'EX', 259200) then return 0 end
send_to({due = due, sent = sent}, cjson.decode(plan), now, 'digest', {body})
return 1
