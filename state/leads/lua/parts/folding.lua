-- Removes a company with all that names it; false where there is none.
local function forget(prefix, id, index, lists)
  local lead = prefix .. id
  if redis.call('EXISTS', lead) == 0 then return false end
  for _, member in ipairs(lines_of(redis.call('HGET', lead, 'members'))) do
    if redis.call('HGET', index, member) == id then redis.call('HDEL', index, member) end
  end
  redis.call('DEL', lead, lead .. ':former', lead .. ':scores')
  for _, list in ipairs(lists) do redis.call('ZREM', list, id) end
  return true
end

-- Has these members of the index name a company; at most 200, so that a phone that comes and goes does not fill it.
local function name_company(lead, id, index, members)
  add_lines(lead, 'members', members, 200)
  for _, member in ipairs(lines_of(redis.call('HGET', lead, 'members'))) do redis.call('HSET', index, member, id) end
end

-- Gives a company all that is known of another one, which turned out to be the same, and removes that one. Its id still leads here.
local function fold(prefix, id, other, index, lists)
  local lead, gone = prefix .. id, prefix .. other
  local all = redis.call('HGETALL', gone)
  for i = 1, #all, 2 do
    local field, text = string.match(all[i], '^f:(.*)$'), all[i + 1]
    if field and not merge_fact(lead, field, text) then
      local kept = string.match(redis.call('HGET', lead, 'f:' .. field), '^%d+\n[^\n]*\n([^\n]*)')
      if kept ~= string.match(text, '^%d+\n[^\n]*\n([^\n]*)') then keep_former(lead, field, text) end
    elseif all[i] == 'tags' then
      add_lines(lead, 'tags', lines_of(text), 100)
    elseif (all[i] == 'site' or all[i] == 'domain' or all[i] == 'name') and (redis.call('HGET', lead, all[i]) or '') == '' then
      redis.call('HSET', lead, all[i], text)
    end
  end
  for _, text in ipairs(redis.call('LRANGE', gone .. ':former', 0, -1)) do redis.call('RPUSH', lead .. ':former', text) end
  redis.call('LTRIM', lead .. ':former', 0, 49)
  local members = lines_of(redis.call('HGET', gone, 'members'))
  forget(prefix, other, index, lists)
  redis.call('SET', gone .. ':joined', id, 'EX', 400 * 86400)
  name_company(lead, id, index, members)
end
