"""Projects of an export, and what an import does with them: settings, notes, pinned competitors, what was changed."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

import models
from parsing import domains
from state.tracking import competitors, notes, project_copies
from state.tracking import projects as stored
from topics.tracking import notes as own_notes
from topics.tracking import projects
from topics.tracking.options import CHECKS, checked
from topics.transfer import shapes
from topics.transfer.merging import KEPT, MERGED, NEW, UNCHANGED, Merging, Outcome, Record, each, lean, refused, told

#: Settings that an import changes in a project that is there.
SETTINGS = tuple(name for name in CHECKS if name != "domain")


def read(only: Sequence[str] | None = None) -> Iterator[Record]:
    """Projects by id; only those named."""
    wanted = [one for one in stored.ids() if only is None or one in only]
    yield from (record for record in told(wanted, str, lambda one: _record(stored.find(one))) if record)


def _record(one: models.Project | None) -> Record:
    if one is None:  # removed meanwhile
        return {}
    names = (*SETTINGS, "id", "domain", "active", "folder")
    facts: dict[str, Any] = {name: getattr(one, name) for name in sorted(names)}
    facts["created_at"] = one.created_at.isoformat(timespec="seconds") if one.created_at else None
    facts |= {"pins": list(competitors.pins(one.id)), "notes": [_note(note) for note in own_notes.of(one.id)]}
    return lean(facts | {"changes": project_copies.changes(one.id), "rearm": project_copies.mark(one.id)})


def _note(note: notes.Note) -> Record:
    return lean({"id": note.id, "day": note.day.isoformat(), "text": note.text, "actor": note.actor})


def put(lines: Sequence[shapes.Project], merging: Merging) -> list[Outcome]:
    """What becomes of these projects."""
    return each(lines, lambda line: _put(line, merging))


def _put(line: shapes.Project, merging: Merging) -> Outcome:
    there = stored.find(line.id)
    if there is None:
        return _add(line, merging)
    if str(domains.parse_target(line.domain)) != there.domain:
        return refused(f"project {line.id} tracks {there.domain} here, not {line.domain}: remove one of the two, or rename it")
    _refuse_unreadable(line)
    own = _values(there)
    differs = {
        name: value for name, value in checked({n: getattr(line, n) for n in SETTINGS}, there).items() if value != own[name]
    }
    ours_at, theirs_at = _last_change(project_copies.changes(line.id), there), _last_change(line.changes, _created(line))
    wins = merging.theirs_win(ours_at, theirs_at)
    more = _put_rest(line, merging)
    if wins and (differs or line.active != there.active):
        if not merging.is_dry:
            projects.change(line.id, differs)
            stored.set_active(line.id, line.active)
        return MERGED
    return MERGED if more else KEPT if differs or line.active != there.active else UNCHANGED


def _add(line: shapes.Project, merging: Merging) -> Outcome:
    values = checked({name: getattr(line, name) for name in SETTINGS})
    target = str(domains.parse_target(line.domain))
    made = models.Project(
        id=line.id, domain=target, folder=line.folder, active=line.active, created_at=_created(line).created_at, **values
    )
    merging.coming.add(line.id)
    _refuse_unreadable(line)
    if not merging.is_dry:
        stored.add(made)
        _put_rest(line, merging)
        if line.rearm:
            project_copies.put_mark(line.id, line.rearm)
    return NEW


def _put_rest(line: shapes.Project, merging: Merging) -> bool:
    """Notes, pins and changes that are not here yet; returns whether there were any."""
    there = {note.id for note in notes.every(line.id)}
    fresh = [note for note in line.notes if note.id not in there]
    pins = [pin for pin in line.pins if pin not in competitors.pins(line.id)]
    ours = project_copies.changes(line.id)
    missing = [change for change in line.changes if change not in ours]
    if not merging.is_dry:
        for note in fresh:
            notes.add(line.id, notes.Note(note.id, date.fromisoformat(note.day), note.text, note.actor), own_notes.MOST)
        for pin in pins:
            competitors.pin(line.id, pin)
        if missing:
            project_copies.put_changes(line.id, sorted([*ours, *missing], key=lambda change: change.partition("\t")[0]))
    return bool(fresh or pins or missing)


def _refuse_unreadable(line: shapes.Project) -> None:
    """Raise ValueError for a note or a change that nobody could show."""
    for note in line.notes:
        date.fromisoformat(note.day)
    for change in line.changes:
        at, _, _, _ = change.split("\t", 3)
        datetime.fromisoformat(at)


def _values(project: models.Project) -> Record:
    return {name: getattr(project, name) for name in SETTINGS}


def _created(line: shapes.Project) -> models.Project:
    at = datetime.fromisoformat(line.created_at) if line.created_at else None
    return models.Project(id=line.id, domain=line.domain, name=line.name, created_at=at)


def _last_change(changes: Sequence[str], project: models.Project) -> float:
    """When the settings of a project were changed last (s since 1970); 0 = nobody knows."""
    if changes:
        return datetime.fromisoformat(changes[-1].partition("\t")[0]).timestamp()
    return project.created_at.timestamp() if project.created_at else 0.0
