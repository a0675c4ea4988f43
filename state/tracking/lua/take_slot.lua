-- Takes, or renews, one of a provider's request slots; a holder that died loses its slot when its lease ends.
-- KEYS[1] slots (zset: holder → lease end, ms)
-- ARGV[1] now_ms ('' = server time)  ARGV[2] holder  ARGV[3] slots there are  ARGV[4] lease (s)
-- Returns 1 when the holder has a slot, 0 when all are taken. Expires: the slots, 10 minutes after the last taking.
local now = clock_ms(ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if not redis.call('ZSCORE', KEYS[1], ARGV[2]) and redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[3]) then return 0 end
redis.call('ZADD', KEYS[1], now + ARGV[4] * 1000, ARGV[2])
redis.call('EXPIRE', KEYS[1], 600)
return 1
