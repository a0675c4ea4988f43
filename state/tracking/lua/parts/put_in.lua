-- Puts jobs, which are in order, among the jobs of a line. Only the shorter end of the list is written anew.
-- Uses tracking/turns
local function put_in(line, jobs)
  if #jobs == 0 then return end
  local places, merged = {}, {}
  for n, job in ipairs(jobs) do places[n] = places[n - 1] == line.length and line.length or line.place(job.turn, places[n - 1] or 0) end
  local first, last = places[1], places[#jobs]
  local at_front = last < line.length - first
  local at, moved = at_front and 0 or first, {}
  if first < line.length and (last > 0 or not at_front) then
    moved = redis.call('LRANGE', line.list, at, at_front and last - 1 or -1)
  end
  if at_front then redis.call('LTRIM', line.list, last, -1)
  elseif first > 0 then redis.call('LTRIM', line.list, 0, first - 1)
  else redis.call('DEL', line.list) end
  local taken = 0
  for n, job in ipairs(jobs) do
    while at + taken < places[n] do taken = taken + 1; merged[#merged + 1] = moved[taken] end
    merged[#merged + 1] = job.id
  end
  for n = taken + 1, #moved do merged[#merged + 1] = moved[n] end
  local count, verb, piece = #merged, at_front and 'LPUSH' or 'RPUSH', {}
  for n = 1, count do
    piece[#piece + 1] = merged[at_front and count + 1 - n or n]
    if #piece == 1000 or n == count then redis.call(verb, line.list, unpack(piece)); piece = {} end
  end
end
