-- What is known of a page that was fetched before.
-- KEYS
--   page  the page (hash)
-- Returns its ETag, Last-Modified, final address, object, sha256, type, when it was fetched (ms since 1970) and how, each '' where
--   it is not known; nothing where it was never fetched.
local found = redis.call('HMGET', page, 'etag', 'modified', 'final_url', 'object', 'sha256', 'content_type',
  'fetched_ms', 'mode')
if not found[4] then return {} end
for i = 1, 8 do found[i] = found[i] or '' end
return found
