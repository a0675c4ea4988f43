-- Takes what a look found, decides what opens, worsens and ends, and puts what is told of that into a message: all in one step.
-- Uses store/clock, alerts/incidents, alerts/messages
-- KEYS
--   incidents    what is wrong now, or was a while ago (hash, JSON)
--   closed       incidents that are over (list, JSON)
--   events       what happened to them (list, JSON)
--   untold       events that no message holds (list, JSON)
--   left_out     events that were too many for that (string)
--   told         messages of the last hour (zset, ms)
--   due          what is to be sent (zset, ms)
--   sent         what became of messages (zset, ms)
--   looked       when somebody looked last (string, ms)
-- ARGV
--   now_ms       '' = server time
--   keep_s       how long incidents and events are kept
--   blind        JSON list of rules that could not look: nothing of theirs ends
--   again_ms     an open incident with new members is told of again after so long
--   plan         JSON: id, targets, quiet, piercing, most, prefix and delivery of a message, and keep_s (messages.lua)
--   found...     7 for each finding: key, rule, grade (0 muted, 1, 2), for_ms, clear_ms, body (JSON), members (`,a,b,`)
-- Returns {incidents open, events that wait, id of the message or ''}. Expires: all but what is open or untold.
local now, seen, blinded, opened, count = math.floor(clock_ms(now_ms)), {}, {}, 0, 0
plan = cjson.decode(plan)
local book = {events = events, untold = untold, left_out = left_out, told = told, due = due, sent = sent, keep_s = keep_s}
for _, rule in ipairs(cjson.decode(blind)) do blinded[rule] = true end
local function save(incident) redis.call('HSET', incidents, incident.key, cjson.encode(incident)) end
local function finish(incident, is_told)
  incident.state, incident.closed_ms = 'closed', now
  if is_told then tell(book, incident, 'recovered', now) end
  add_to(closed, cjson.encode(incident), 1000, keep_s)
  save(incident)
end
local function open(incident)
  incident.state, incident.opened_ms, incident.times = 'open', now, (incident.times or 0) + 1
  opened = opened + 1
  incident.id, incident.note = string.format('%s-%d', plan.id, opened), ''
  tell(book, incident, 'opened', now)
end
local function find(key, rule, grade, for_ms, clear_ms, body, members)
  local text = redis.call('HGET', incidents, key)
  local incident = read_incident(text) or {key = key, rule = rule, state = 'closed', times = 0}
  seen[key] = true
  if grade == 0 then
    if incident.state == 'open' then incident.note = 'muted' finish(incident, false) end
    return
  end
  if incident.state == 'closed' then incident.state, incident.since_ms, incident.members = 'pending', now, '' end
  local was_open, before, was_calm = incident.state == 'open', incident.grade, incident.calm_ms
  if was_open and grade < before then grade = before end
  local is_same = was_open and not was_calm and grade == before and body == incident.body and members == incident.members
  if not is_same then
    incident.grade, incident.clear_ms, incident.calm_ms, incident.body = grade, clear_ms, nil, body
    local grown = was_open and new_members(incident.members, members) or 0
    if not was_open and now - incident.since_ms >= for_ms then open(incident) incident.members = members end
    if was_open and (grade > before or (grown > 0 and now - incident.told_ms >= tonumber(again_ms))) then
      incident.note = grade > before and 'graver' or string.format('%d more', grown)
      tell(book, incident, 'worse', now)
      incident.members = members
    end
    save(incident)
  end
  if incident.state == 'open' then count = count + 1 end
end
for i = found_at, #ARGV, 7 do
  local key, rule, grade, for_ms, clear_ms, body, members = unpack(ARGV, i, i + 6)
  find(key, rule, tonumber(grade), tonumber(for_ms), tonumber(clear_ms), body, members)
end
count = count + end_unseen(incidents, seen, blinded, now, finish, save)
redis.call('SET', looked, string.format('%d', now), 'EX', 86400)
local message = make_message(book, plan, now)
return {count, redis.call('LLEN', untold), message}
