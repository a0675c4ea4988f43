-- Incidents: each is one JSON object in a hash (state/alerts/incidents.py says what it holds), events are what is told of it.
local FLAP_MS = 21600000
local function read_incident(text)
  local is_json, incident = pcall(cjson.decode, text or '')
  return is_json and type(incident) == 'table' and incident or nil
end
local function add_to(list, text, most, keep_s)
  redis.call('LPUSH', list, text)
  redis.call('LTRIM', list, 0, most - 1)
  redis.call('EXPIRE', list, keep_s)
end
-- Something is to be told: it stays in `untold` until a message holds it.
local function tell(book, incident, what, now)
  local event = cjson.encode({event = what, at_ms = now, id = incident.id, key = incident.key, rule = incident.rule,
    grade = incident.grade, opened_ms = incident.opened_ms, times = incident.times, body = incident.body, note = incident.note})
  incident.told_ms = now
  add_to(book.events, event, 2000, book.keep_s)
  if redis.call('LLEN', book.untold) < 1000 then redis.call('RPUSH', book.untold, event) else redis.call('INCR', book.left_out) end
end
-- How many members (`,a,b,`) were not told of yet.
local function new_members(told, members)
  local count = 0
  for name in string.gmatch(members, '[^,]+') do
    if not string.find(told or '', ',' .. name .. ',', 1, true) then count = count + 1 end
  end
  return count
end
-- An incident that comes back within six hours of its end must be calm for twice as long each further time.
local function clear_after(incident) return incident.clear_ms * 2 ^ math.min((incident.times or 1) - 1, 4) end
-- Ends what was not seen for long enough; forgets what was never told, and what is over for six hours. Returns how many of them
-- are open.
local function end_unseen(incidents, seen, blinded, now, finish, save)
  local count = 0
  for _, key in ipairs(redis.call('HKEYS', incidents)) do
    local incident = not seen[key] and read_incident(redis.call('HGET', incidents, key))
    if seen[key] then
      -- it was found, and counted there
    elseif not incident then
      redis.call('HDEL', incidents, key)
    elseif incident.state == 'closed' then
      if now - incident.closed_ms > FLAP_MS then redis.call('HDEL', incidents, key) end
    elseif blinded[incident.rule] then
      if incident.state == 'open' then count = count + 1 end
    elseif incident.state == 'pending' then
      if incident.times > 0 and incident.closed_ms then incident.state = 'closed' save(incident)
      else redis.call('HDEL', incidents, key) end
    elseif now - (incident.calm_ms or now) >= clear_after(incident) then
      finish(incident, true)
    else
      count = count + 1
      if not incident.calm_ms then incident.calm_ms = now save(incident) end
    end
  end
  return count
end
