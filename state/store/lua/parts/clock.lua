-- The clock of all scripts (ms since 1970): the server's, or a test's frozen one.
local function clock_ms(frozen)
  if frozen ~= '' then return tonumber(frozen) end
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end
