"""Notes of a project: a deploy, a change of the pages, an update of the search engine; charts show them as lines."""

import hashlib
from datetime import date

import clock
from errors import ArgumentError, NotFound, WrongState
from state.tracking import notes, projects
from state.tracking.notes import Note as Note
from topics.tracking import days

#: Notes of a project, and characters of a note, at most.
MOST, MAX_CHARS = 500, 300

#: A note may be of a day so far ahead (days), and not before the first that a history can hold.
AHEAD_DAYS, FIRST = 366, date(2020, 1, 1)


def add(project_id: str, day: date | None, text: str, actor: str) -> Note:
    """Keep a note; the same of that day twice is one. Safe to repeat. `day` None: today where the project is.

    Raises ArgumentError for a text or day that cannot be meant, NotFound for the project, WrongState where it has 500 notes.
    """
    words = " ".join(text.split())
    if not words or not words.isprintable() or len(words) > MAX_CHARS:
        raise ArgumentError(f"--text {text!r:.60} must be 1 to {MAX_CHARS} characters that can be shown")
    day = day or days.today_of(project_id)
    if not day >= FIRST or (day - clock.now().date()).days > AHEAD_DAYS:
        raise ArgumentError(f"--day {day} must be from {FIRST} to a year from now")
    made = Note(_id_of(day, words), day, words, actor)
    if not notes.add(project_id, made, MOST):
        raise WrongState(f"Project {project_id} has {MOST} notes, and no room for more: remove one.")
    return made


def of(project_id: str, since: date | None = None, until: date | None = None) -> list[Note]:
    """The notes between two days, both included, oldest first. One round trip."""
    found = (one for one in notes.every(project_id) if (since or date.min) <= one.day <= (until or date.max))
    return sorted(found, key=lambda one: (one.day, one.text))


def remove(project_id: str, note_id: str) -> None:
    """Remove a note. Raises NotFound where there is none of that id."""
    projects.get(project_id)
    if not notes.remove(project_id, note_id):
        raise NotFound(f"No note {note_id!r:.40} of {project_id}. `python manage.py project note list {project_id}` shows them.")


def _id_of(day: date, words: str) -> str:
    return hashlib.blake2b(f"{day}\0{words}".encode(), digest_size=6).hexdigest()
