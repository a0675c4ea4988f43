"""Projects: a tracked domain, how its keywords are checked, and its share of a batch."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import chunks
import clock
import models
from errors import AlreadyExists, NotFound
from state.store import connection, keys, scripts
from state.tracking import arming
from state.tracking import keys as tracking_keys

#: Projects read in one round trip.
CHUNK = 500

#: Changes of settings that a project keeps; the oldest go.
CHANGES_KEPT = 100

#: What a setting that is not stored means: projects of older versions have not all of them.
DEFAULTS = {
    "weight": "1.0",
    "country": "us",
    "language": "en",
    "device": "desktop",
    "depth": "10",
    "every_h": "24.0",
    "zone": "UTC",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One setting of a project that was changed. Values as they are stored, "" = none."""

    at: datetime
    name: str
    before: str
    after: str

    def __str__(self) -> str:
        before, after = (value.removesuffix(".0") or "none" for value in (self.before, self.after))
        return f"{'every' if self.name == 'every_h' else self.name} {before} → {after}"


def add(project: models.Project) -> models.Project:
    """Add a project; returns it with the object folder it was given. Raises AlreadyExists where its id is taken.

    The folder is the one asked for, or `<folder>--<id>` where another project has that: two projects never share an object key.
    """
    folder = _add_project(
        projects=keys.PROJECTS,
        project=keys.project(project.id),
        folders=keys.FOLDERS,
        weights=keys.WEIGHTS,
        project_id=project.id,
        folder=project.folder,
        other_folder=f"{project.folder}--{project.id}",
        weight=project.weight,
        fields=[part for pair in _to_hash(project).items() for part in pair],
    )
    if not folder:
        raise AlreadyExists(
            f"Project {project.id} exists already: give another --id, or see `python manage.py project show {project.id}`."
        )
    return get(project.id)


def get(project_id: str) -> models.Project:
    """One project. Raises NotFound."""
    found = find(project_id)
    if not found:
        raise NotFound(f"No project {project_id}. `python manage.py project list` shows what there is.")
    return found


def find(project_id: str) -> models.Project | None:
    """One project, None where there is none of that id."""
    fields = connection.client().hgetall(keys.project(project_id))
    return from_hash(project_id, fields) if fields else None


def ids() -> list[str]:
    """All project ids, sorted."""
    return sorted(project_id.decode() for project_id in connection.client().smembers(keys.PROJECTS))


def every() -> Iterator[models.Project]:
    """All projects, by id, read in chunks."""
    for chunk in chunks.of(ids(), CHUNK):
        yield from find_many(chunk)


def find_many(project_ids: Sequence[str]) -> list[models.Project]:
    """Those of these projects that are there, in one round trip."""
    with connection.client().pipeline(transaction=False) as pipe:
        for project_id in project_ids:
            pipe.hgetall(keys.project(project_id))
        rows = pipe.execute()
    return [from_hash(project_id, fields) for project_id, fields in zip(project_ids, rows, strict=True) if fields]


def change(project_id: str, values: Mapping[str, object], hours: Sequence[str]) -> list[Change]:
    """Change settings and keep what they were; returns what changed. `hours`: those that decide when checks are due.

    Where one of these changed, the project is marked until every keyword is armed anew (state/arming.py). Raises NotFound.
    """
    at = clock.now().replace(microsecond=0)
    new = {name: _stored(value) for name, value in values.items()}
    settings = [(name, value, DEFAULTS.get(name, ""), "hours" if name in hours else "") for name, value in new.items()]
    reply = _change_project(
        project=keys.project(project_id),
        changes=keys.changes(project_id),
        weights=keys.WEIGHTS,
        project_id=project_id,
        now_iso=at.isoformat(),
        changes_kept=CHANGES_KEPT,
        mark=arming.MARK,
        default_h=DEFAULTS["every_h"],
        settings=[part for setting in settings for part in setting],
    )
    if reply is None:
        raise NotFound(f"No project {project_id}. `python manage.py project list` shows what there is.")
    fields = [part.decode() for part in reply]
    return [Change(at, name, before, new[name]) for name, before in zip(fields[::2], fields[1::2], strict=True)]


def changes(project_id: str) -> list[Change]:
    """The settings that were changed, oldest first; of more than 100 the last."""
    found = []
    for entry in connection.client().lrange(keys.changes(project_id), 0, -1):
        at, name, before, after = entry.decode().split("\t", 3)
        found.append(Change(datetime.fromisoformat(at), name, before, after))
    return found


def set_active(project_id: str, active: bool) -> None:
    """Let a project take part in batches, or keep it out. Safe to repeat. Raises NotFound."""
    project = keys.project(project_id)
    outcome = _set_active(project=project, ring=keys.RING, waiting=keys.WAITING, project_id=project_id, active=int(active))
    if outcome == b"gone":
        raise NotFound(f"No project {project_id}. `python manage.py project list` shows what there is.")


def forget(project_id: str) -> bool:
    """Remove a project whose keywords are removed; False where it has some, added meanwhile. Safe to repeat."""
    outcome = _forget_project(
        project=keys.project(project_id),
        due=keys.due(project_id),
        archived=keys.archived(project_id),
        projects=keys.PROJECTS,
        folders=keys.FOLDERS,
        ring=keys.RING,
        waiting=keys.WAITING,
        weights=keys.WEIGHTS,
        changes=keys.changes(project_id),
        notes=tracking_keys.notes(project_id),
        project_id=project_id,
    )
    return outcome == b"removed"


def counts(project_ids: list[str]) -> dict[str, tuple[int, int]]:
    """Keywords of each project: (tracked, due now and not being processed)."""
    now = connection.now().timestamp()
    with connection.client().pipeline(transaction=False) as pipe:
        for project_id in project_ids:
            pipe.zcard(keys.due(project_id))
            pipe.zcount(keys.due(project_id), 0, now)
        replies = pipe.execute()
    return {project_id: (replies[2 * at], replies[2 * at + 1]) for at, project_id in enumerate(project_ids)}


def late(project_ids: Sequence[str], late_s: float) -> dict[str, int]:
    """Keywords of each project that are due for longer than this, and not being processed; those never checked do not count."""
    until = connection.now().timestamp() - late_s
    with connection.client().pipeline(transaction=False) as pipe:
        for project_id in project_ids:
            pipe.zcount(keys.due(project_id), 1, until)
        return dict(zip(project_ids, map(int, pipe.execute()), strict=True))


def standing(project_id: str, late_s: float) -> tuple[int, int, int]:
    """Keywords of a project as `counts` and `late` tell them: tracked, due now, late. Two round trips."""
    now = connection.now().timestamp()
    with connection.client().pipeline(transaction=False) as pipe:
        pipe.zcard(keys.due(project_id))
        pipe.zcount(keys.due(project_id), 0, now)
        pipe.zcount(keys.due(project_id), 1, now - late_s)
        tracked, due, late = map(int, pipe.execute())
    return tracked, due, late


def from_hash(project_id: str, fields: dict[bytes, bytes]) -> models.Project:
    """The project a Redis hash describes."""
    text = {name.decode(): value.decode() for name, value in fields.items()}
    return models.Project(
        id=project_id,
        domain=text["domain"],
        name=text.get("name") or text["domain"],
        active=text.get("active", "1") == "1",
        weight=float(text.get("weight", 1)),
        country=text.get("country", "us"),
        language=text.get("language", "en"),
        device=text.get("device", "desktop"),
        depth=int(text.get("depth", 10)),
        every_h=float(text.get("every_h", 24)),
        folder=text["folder"],
        zone=text.get("zone", "UTC"),
        hour=int(text["hour"]) if text.get("hour") else None,
        location=text.get("location") or None,
        created_at=datetime.fromisoformat(text["created_at"]) if "created_at" in text else None,
    )


@scripts.script("tracking/add_project")
def _add_project(
    *,
    projects: str,
    project: str,
    folders: str,
    weights: str,
    project_id: str,
    folder: str,
    other_folder: str,
    weight: float,
    fields: Sequence[str | int | float],
) -> bytes:
    raise scripts.InLua


@scripts.script("tracking/change_project")
def _change_project(
    *,
    project: str,
    changes: str,
    weights: str,
    project_id: str,
    now_iso: str,
    changes_kept: int,
    mark: str,
    default_h: str,
    settings: Sequence[str],
) -> list[bytes] | None:
    raise scripts.InLua


@scripts.script("tracking/set_active")
def _set_active(*, project: str, ring: str, waiting: str, project_id: str, active: int) -> bytes:
    raise scripts.InLua


@scripts.script("tracking/forget_project")
def _forget_project(
    *,
    project: str,
    due: str,
    archived: str,
    projects: str,
    folders: str,
    ring: str,
    waiting: str,
    weights: str,
    changes: str,
    notes: str,
    project_id: str,
) -> bytes:
    raise scripts.InLua


def _stored(value: object) -> str:
    return "" if value is None else str(value)


def _to_hash(project: models.Project) -> dict[str, str | int | float]:
    return {
        "domain": project.domain,
        "name": project.name,
        "active": int(project.active),
        "weight": project.weight,
        "country": project.country,
        "language": project.language,
        "device": project.device,
        "depth": project.depth,
        "every_h": project.every_h,
        "zone": project.zone,
        "hour": "" if project.hour is None else project.hour,
        "location": project.location or "",
        "created_at": (project.created_at or clock.now()).isoformat(timespec="seconds"),
    }
