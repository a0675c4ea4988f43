-- Tells the outbox of changes that somebody wants to be told of (parts/outbox.lua).
-- `what`: see `put_wanted`. Costs one look where nobody wants anything. pcall: no job waits because a key of these is broken.
local function keep_wanted(events, now_ms, rows, what)
  if redis.call('EXISTS', events .. ':wanted') == 0 then return end
  -- Uses engine/outbox
  pcall(put_wanted, events, now_ms, rows, what)
end
