-- The queue a job belongs to: while a concurrency limit blocks a job, its record says `default.serp`.
local function home(origin, kind)
  local tail = '.' .. (kind or '')
  return #tail > 1 and string.sub(origin, -#tail) == tail and string.sub(origin, 1, -#tail - 1) or origin
end
