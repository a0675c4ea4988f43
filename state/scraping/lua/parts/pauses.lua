-- The first pause that holds one of these scopes: its scope and until when (ms, 0 = nobody knows); nil: there is none.
-- Uses scraping/gate_keys
local function pause_of(pauses, scopes, now)
  local found = redis.pcall('HMGET', pauses, unpack(scopes))
  for i, text in ipairs(found.err and {} or found) do
    local is_json, pause = pcall(cjson.decode, text or '')
    if is_json and type(pause) == 'table' then
      local until_ms = number(tostring(pause.until_ms or ''))
      if until_ms == 0 or until_ms > now then return scopes[i], until_ms end
    end
  end
end
