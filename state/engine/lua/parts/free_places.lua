-- The free threads and coroutines of a worker, and how queues share them. `on_loop`: the job is a coroutine.
-- So many of them, `ahead`, are not free yet: jobs for those are prefetched, that is leased but not started.
local function free_places(threads, coroutines, threads_ahead, coroutines_ahead)
  local free = {[false] = tonumber(threads), [true] = tonumber(coroutines)}
  local ahead = {[false] = tonumber(threads_ahead), [true] = tonumber(coroutines_ahead)}
  local reserved = {[false] = 0, [true] = 0} -- for the queues that are not served now
  local function any() return free[false] + free[true] > 0 end
  local function most() return math.max(free[false], free[true]) end
  local function is_free(on_loop) return free[on_loop] > 0 end
  -- Takes one. Returns whether the job can start at once.
  local function take(on_loop)
    free[on_loop] = free[on_loop] - 1
    return free[on_loop] + reserved[on_loop] >= ahead[on_loop]
  end
  -- Reserves all but so many of a sort. Returns how many of those are missing.
  local function reserve(on_loop, share)
    reserved[on_loop] = math.max(0, free[on_loop] - share)
    free[on_loop] = free[on_loop] - reserved[on_loop]
    return share - free[on_loop]
  end
  -- Lets a queue have at most so many. Returns whether it took all of a sort, then how many threads and coroutines it left.
  local function share(threads_share, coroutines_share, serve, queue)
    if threads_share + coroutines_share == 0 then return true, 0, 0 end
    local left_threads, left_coroutines = reserve(false, threads_share), reserve(true, coroutines_share)
    if any() then serve(queue) end
    local took_all = (reserved[false] > 0 and free[false] == 0) or (reserved[true] > 0 and free[true] == 0)
    left_threads, left_coroutines = left_threads + free[false], left_coroutines + free[true]
    free[false], free[true] = free[false] + reserved[false], free[true] + reserved[true]
    reserved[false], reserved[true] = 0, 0
    return took_all, left_threads, left_coroutines
  end
  return {any = any, most = most, is_free = is_free, take = take, share = share}
end
-- Serves queues by their shares, then in order with what is free. `shares`: the queue to begin with, then `threads/coroutines` for each.
local function serve_queues(places, shares, queues, serve)
  local numbers, has_more, any_more, threads, coroutines = {}, {}, false, 0, 0
  for number in string.gmatch(shares, '%d+') do numbers[#numbers + 1] = tonumber(number) end
  local first = numbers[1]
  for n = 1, (#numbers - 1) / 2 do
    local i = n == 1 and first or n <= first and n - 1 or n
    local threads_share, coroutines_share = numbers[2 * i] + threads, numbers[2 * i + 1] + coroutines
    has_more[i], threads, coroutines = places.share(threads_share, coroutines_share, serve, queues[i])
    any_more = any_more or has_more[i]
    if any_more then threads, coroutines = 0, 0 end -- that queue may have what the others left, too
  end
  for i, queue in ipairs(queues) do
    if places.any() and has_more[i] ~= false then serve(queue) end
  end
end
