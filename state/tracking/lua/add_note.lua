-- Keeps a note of a project, as long as there is such a project and room for a note.
-- KEYS
--   project      the project (hash)
--   notes        its notes (hash)
-- ARGV
--   note_id
--   value        the note (JSON)
--   most         notes of a project at most
-- Returns 'added', 'known' (a note of this id stays as it is), 'full' or 'gone' (no such project). Expires nothing.
if redis.call('EXISTS', project) == 0 then return 'gone' end
if redis.call('HEXISTS', notes, note_id) == 1 then return 'known' end
if redis.call('HLEN', notes) >= tonumber(most) then return 'full' end
redis.call('HSET', notes, note_id, value)
return 'added'
