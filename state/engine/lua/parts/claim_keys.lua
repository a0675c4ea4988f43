-- The keys of a namespace, from the key of all namespaces.
local function claim_keys(namespaces, namespace)
  local claims = namespaces .. ':' .. namespace
  return claims, claims .. ':jobs'
end
