-- The outbox: changes that somebody must be told of, whatever dies. They are put there in the step of the change itself.
-- Keys beside the stream of events: `:wanted` (hash) is there while anybody wants any; in it `*` says which events of all jobs are
-- wanted, `started` and `page` that somebody wants those. `:wanted:<id>` (string) says which events of one job, batch or crawl are.
-- `:outbox` (stream) holds them.
-- Uses engine/rouse
-- Constants MOST_OUTBOX, DISPATCH, DISPATCH_S
local ENDS = {finished = true, failed = true, stopped = true, canceled = true, over = true, halted = true}
local function put_in_outbox(events, now_ms, rows)
  local entry = redis.call('XADD', events .. ':outbox', 'MAXLEN', '~', MOST_OUTBOX, '*', 't', string.format('%d', now_ms), 'r', rows)
  rouse(events .. ':roused', now_ms, {id = 'webhooks-' .. entry, path = DISPATCH, argument = entry, timeout_s = DISPATCH_S})
end
local function wants(told, what)
  return told and (not what or string.find(told, what, 1, true) ~= nil)
end
-- Puts those of these rows there that are wanted. `what`: nil = ends; else started or page, which all of the rows are.
local function put_wanted(events, now_ms, rows, what)
  local all, also = unpack(redis.call('HMGET', events .. ':wanted', '*', what or '*'))
  if what and not also then return end
  local kept = {}
  for row in string.gmatch(rows, '([^\n]+)') do
    local kind, outcome, id = string.match(row, '^([^|]*)|([^|]*)|[^\t]*\t%d+\t([^\t]+)')
    if (what or ENDS[outcome]) and kind ~= 'webhooks'
      and (wants(all, what) or wants(redis.call('GET', events .. ':wanted:' .. id), what)) then
      kept[#kept + 1] = row .. '\n'
    end
  end
  if kept[1] then put_in_outbox(events, now_ms, table.concat(kept)) end
end
