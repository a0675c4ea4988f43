-- A try to log in was good: the account begins anew, and the address is as it was before the try.
-- Constants LOGIN_FORGETS_S
-- KEYS
--   account     tries at the account (hash: tries, until)
--   address     tries from the address (hash)
-- Returns 1. Expires: the address.
redis.call('DEL', account)
if redis.call('HINCRBY', address, 'tries', -1) <= 0 then
  redis.call('DEL', address)
else
  redis.call('HDEL', address, 'until')
  redis.call('EXPIRE', address, LOGIN_FORGETS_S)
end
return 1
