-- The oldest records of a ledger, for one caller to pack into an object.
-- Uses store/clock
-- KEYS
--   ledger    the ledger (hash)
--   records   n → record (hash)
-- ARGV
--   now_ms    '' = server time
--   token     of the caller
--   most      records
--   hold_ms   so long nobody else packs
-- Returns names and values; nothing while another caller packs.
local now = clock_ms(now_ms)
local held = redis.call('HGET', ledger, 'packer') or ''
local since, owner = string.match(held, '^(%d+) (.*)$')
if since and owner ~= token and now - since < tonumber(hold_ms) then return {} end
if redis.call('EXISTS', ledger) == 0 or redis.call('HLEN', records) == 0 then return {} end
redis.call('HSET', ledger, 'packer', string.format('%d', now) .. ' ' .. token)
local names = redis.call('HKEYS', records)
table.sort(names, function(a, b) return tonumber(a) < tonumber(b) end)
local found = {}
for i = 1, math.min(#names, tonumber(most)) do
  found[#found + 1] = names[i]; found[#found + 1] = redis.call('HGET', records, names[i])
end
return found
