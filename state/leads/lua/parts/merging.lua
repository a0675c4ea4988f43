-- The lines of a text.
local function lines_of(text)
  local lines = {}
  for line in string.gmatch(text or '', '[^\n]+') do lines[#lines + 1] = line end
  return lines
end

-- Adds lines to a field of a company that holds several, each once, up to `most`; whether there were new ones.
local function add_lines(lead, field, lines, most)
  local all, seen, is_new = lines_of(redis.call('HGET', lead, field)), {}, false
  for _, line in ipairs(all) do seen[line] = true end
  for _, line in ipairs(lines) do
    if line ~= '' and not seen[line] and #all < most then
      all[#all + 1], seen[line], is_new = line, true, true
    end
  end
  if is_new then redis.call('HSET', lead, field, table.concat(all, '\n')) end
  return is_new
end

-- Keeps a fact that another one replaced; the last 50.
local function keep_former(lead, field, text)
  redis.call('LPUSH', lead .. ':former', field .. '\n' .. text)
  redis.call('LTRIM', lead .. ':former', 0, 49)
end

-- Merges a fact into a company; whether the field has another value now. An equal value is only seen again. One that was read
-- never replaces a typed one, and an older one replaces nothing, unless it is typed and the other was read.
local function merge_fact(lead, field, text)
  local old = redis.call('HGET', lead, 'f:' .. field)
  if not old then
    redis.call('HSET', lead, 'f:' .. field, text)
    return true
  end
  local at, source, value = string.match(text, '^(%d+)\n([^\n]*)\n([^\n]*)')
  local old_at, old_source, old_value = string.match(old, '^(%d+)\n([^\n]*)\n([^\n]*)')
  local becomes_typed = source == 'typed' and old_source ~= 'typed'
  local is_later = tonumber(at) > tonumber(old_at)
  if value == old_value then
    if becomes_typed then
      redis.call('HSET', lead, 'f:' .. field, text)
    elseif is_later then
      redis.call('HSET', lead, 'f:' .. field, at .. string.sub(old, #old_at + 1))
    end
    return false
  end
  if old_source == 'typed' and source ~= 'typed' then return false end
  if tonumber(at) < tonumber(old_at) and not becomes_typed then return false end
  keep_former(lead, field, old)
  redis.call('HSET', lead, 'f:' .. field, text)
  return true
end
