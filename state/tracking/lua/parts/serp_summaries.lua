-- What the checks of a keyword saw (state/tracking/serp_summaries.py says what each byte holds).
local NO_TEXT, MOST_TEXTS, HEAD = 255, 254, 10
-- Adds the records of a value to a table: day → {record, texts}.
local function read_summaries(value, days)
  local zero = string.find(value, '\0', 1, true)
  local texts, at = {}, zero + 1
  for text in string.gmatch(string.sub(value, 1, zero - 1) .. '\n', '([^\n]*)\n') do texts[#texts + 1] = text end
  while at + HEAD <= #value + 1 do
    local size = HEAD + string.byte(value, at + 8) + 2 * string.byte(value, at + 9)
    local day = string.byte(value, at) * 256 + string.byte(value, at + 1)
    days[day] = {record = string.sub(value, at, at + size - 1), texts = texts}
    at = at + size
  end
end
-- Gives a function that numbers the texts of a record anew, and adds those that are new; nil where there is no room for them.
local function numbering(texts, numbers)
  return function(one)
    local hosts, bytes, fresh = string.byte(one.record, 9), {string.byte(one.record, 1, -1)}, {}
    local function renumber(at)
      if bytes[at] == NO_TEXT then return end
      local text = one.texts[bytes[at] + 1]
      if not numbers[text] then
        fresh[#fresh + 1] = text
        numbers[text] = #texts + #fresh - 1
      end
      bytes[at] = numbers[text]
    end
    for at = HEAD + 1, HEAD + hosts do renumber(at) end
    for at = HEAD + hosts + 2, #bytes, 2 do renumber(at) end
    if #texts + #fresh > MOST_TEXTS then return nil end
    for _, text in ipairs(fresh) do texts[#texts + 1] = text end
    return string.char(unpack(bytes))
  end
end
-- Puts the days of `value` into what is kept, newest first: `most` days, and no more texts than have a number.
local function put_summaries(key, value, most)
  local days, order, texts, records = {}, {}, {}, {}
  local kept = redis.call('GET', key)
  if kept then read_summaries(kept, days) end
  read_summaries(value, days)
  for day in pairs(days) do order[#order + 1] = day end
  table.sort(order, function(a, b) return a > b end)
  local renumbered = numbering(texts, {})
  for n = 1, math.min(#order, most) do
    local record = renumbered(days[order[n]])
    if not record then break end
    records[n] = record
  end
  redis.call('SET', key, table.concat(texts, '\n') .. '\0' .. table.concat(records))
end
