"""Notes of a project: what happened on a day, e.g. a deploy. They stay until they or their project are removed."""

import json
from datetime import date
from typing import NamedTuple

from errors import NotFound
from state.store import connection, scripts
from state.store import keys as store_keys
from state.tracking import keys


class Note(NamedTuple):
    """What happened on a day. `actor`: who wrote it, "" = nobody knows."""

    id: str
    day: date
    text: str
    actor: str


def add(project_id: str, note: Note, most: int) -> bool:
    """Keep a note; one of its id stays as it is. False where the project has `most`. Raises NotFound. Safe to repeat."""
    value = json.dumps([note.day.isoformat(), note.text, note.actor], ensure_ascii=False)
    project, notes = store_keys.project(project_id), keys.notes(project_id)
    outcome = _add_note(project=project, notes=notes, note_id=note.id, value=value, most=most)
    if outcome == b"gone":
        raise NotFound(f"No project {project_id}. `python manage.py project list` shows what there is.")
    return outcome != b"full"


def every(project_id: str) -> list[Note]:
    """All notes of a project, in no order."""
    found = connection.client().hgetall(keys.notes(project_id))
    return [_note(note_id.decode(), value) for note_id, value in found.items()]


def remove(project_id: str, note_id: str) -> bool:
    """Remove a note; returns whether it was there."""
    return bool(connection.client().hdel(keys.notes(project_id), note_id))


def _note(note_id: str, value: bytes) -> Note:
    day, text, actor = json.loads(value)
    return Note(note_id, date.fromisoformat(day), text, actor)


@scripts.script("tracking/add_note")
def _add_note(*, project: str, notes: str, note_id: str, value: str, most: int) -> bytes:
    raise scripts.InLua
