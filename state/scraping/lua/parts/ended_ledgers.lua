-- Ledgers that are not over, and beside them `:ended`: those that ended or were stopped, by when (ms), as long as the last of them is kept.
-- Constants MOST_ENDED
local function list_as_ended(ledgers, ledger, id, now_ms)
  local ended, keep_s = ledgers .. ':ended', math.max(60, redis.call('TTL', ledger))
  redis.call('ZREM', ledgers, id)
  redis.call('ZADD', ended, string.format('%d', now_ms), id)
  redis.call('ZREMRANGEBYSCORE', ended, '-inf', string.format('%d', now_ms - keep_s * 1000))
  redis.call('ZREMRANGEBYRANK', ended, 0, -1 - MOST_ENDED)
  redis.call('EXPIRE', ended, keep_s)
end
-- It goes on, or runs for the first time.
local function list_as_live(ledgers, id, now_ms)
  redis.call('ZREM', ledgers .. ':ended', id)
  redis.call('ZADD', ledgers, string.format('%d', now_ms), id)
end
