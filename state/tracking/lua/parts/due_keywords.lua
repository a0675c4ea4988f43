-- Gives a function that finds the next keyword of a project, and its score: first a keyword whose hold ended (its claim may be lost),
-- else the earliest that is due at `now` (s).
-- Uses tracking/due
local function due_keywords(now)
  local looked, now_s = {}, string.format('%d', now)
  return function(project, due)
    if not looked[project] then
      local head = redis.call('ZRANGE', due, 0, 0, 'WITHSCORES')
      local score = tonumber(head[2])
      if score and score < 0 and score - HELD <= now then return head[1], score end
      looked[project] = true
      if score and score >= 0 then return score <= now and head[1], score end
    end
    local head = redis.call('ZRANGEBYSCORE', due, 0, now_s, 'WITHSCORES', 'LIMIT', 0, 1)
    return head[1], tonumber(head[2])
  end
end
