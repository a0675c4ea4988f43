-- Removes a company.
-- Uses leads/merging, leads/folding
-- KEYS
--   index        what names the companies of its owner (hash)
--   lists...     those it stands in (zsets)
-- ARGV
--   prefix       of companies
--   id
-- Returns 1; 0 where there is none. Expires nothing.
return forget(prefix, id, index, { unpack(KEYS, lists_at) }) and 1 or 0
