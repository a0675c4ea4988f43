-- Takes tags from a company, and gives it others.
-- Uses leads/merging
-- KEYS
--   lead         the company (hash)
-- ARGV
--   now_ms
--   removed      tags, one a line
--   added        tags, one a line
-- Returns 1 where that changed anything. Expires nothing.
if redis.call('EXISTS', lead) == 0 then return 0 end
local tags, gone, rest = lines_of(redis.call('HGET', lead, 'tags')), {}, {}
for _, tag in ipairs(lines_of(removed)) do gone[tag] = true end
for _, tag in ipairs(tags) do
  if not gone[tag] then rest[#rest + 1] = tag end
end
if #rest < #tags then redis.call('HSET', lead, 'tags', table.concat(rest, '\n')) end
local is_other = add_lines(lead, 'tags', lines_of(added), 100) or #rest < #tags
if is_other then redis.call('HSET', lead, 'updated_ms', now_ms) end
return is_other and 1 or 0
