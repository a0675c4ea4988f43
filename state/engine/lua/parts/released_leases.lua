-- Collects the leases of executions that ended. `release` takes them away, with what RQ's tools saw of them: each key is written once.
local function released_leases(leases, rq, worker, any_records)
  local ended, shown, in_hand, records = {}, {}, {}, {}
  local book = {}
  -- `was_shown`: the job's record said that it was started.
  function book.add(lease, id, queue, was_shown)
    ended[#ended + 1] = lease
    if was_shown then
      local list = shown[queue] or {}
      shown[queue], list[#list + 1], in_hand[#in_hand + 1] = list, lease, lease
    end
    if any_records then
      records[#records + 1] = rq .. 'execution:' .. lease; records[#records + 1] = rq .. 'executions:' .. id
    end
  end
  -- Returns whether there was any.
  function book.release()
    if not ended[1] then return false end
    redis.call('ZREM', leases, unpack(ended))
    for queue, list in pairs(shown) do redis.pcall('ZREM', rq .. 'wip:' .. queue, unpack(list)) end -- pcall: no job waits for RQ's
    if records[1] then redis.pcall('DEL', unpack(records)) end
    if in_hand[1] then redis.pcall('SREM', rq .. 'worker:' .. worker .. ':executions', unpack(in_hand)) end
    return true
  end
  return book
end
