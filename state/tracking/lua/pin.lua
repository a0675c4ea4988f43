-- Pins a domain to a project, or takes a pin away.
-- KEYS
--   project   the project (hash)
-- ARGV
--   domain
--   wanted    1 = pinned, 0 = not
--   most      pins of a project
-- Returns 'done', 'full' (there are so many already) or 'gone' (no such project). Expires nothing.
if redis.call('EXISTS', project) == 0 then return 'gone' end
local pins = {}
for pin in string.gmatch(redis.call('HGET', project, 'pins') or '', '[^\n]+') do
  if pin ~= domain then pins[#pins + 1] = pin end
end
if wanted == '1' then
  if #pins >= tonumber(most) then return 'full' end
  pins[#pins + 1] = domain
end
if #pins > 0 then redis.call('HSET', project, 'pins', table.concat(pins, '\n')) else redis.call('HDEL', project, 'pins') end
return 'done'
