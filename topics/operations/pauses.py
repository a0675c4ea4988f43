"""Pausing and resuming: what a person names is checked, and what was held starts at once.

A pause holds work back: queue and kind of jobs, host and provider, project, entry of the schedule. Nothing of it is dropped.
"""

import difflib
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, get_args

import config
import queues
from errors import ArgumentError, NotFound
from parsing import urls
from scheduling import entries
from state.engine import jobs, limits, parked, pauses, schedule_records
from state.engine.pauses import Pause
from state.tracking import projects
from topics.operations import schedule, terms

#: A time with its zone, as a person writes it.
moment = terms.moment

#: Names that are told where one is unknown; names of a class that are offered.
NAMED, MOST_CHOICES = 3, 200


class Resumed(NamedTuple):
    """A pause that ended, and how many parked jobs were let go. `pause` None: it was over, and had left some behind."""

    scope: str
    pause: Pause | None
    released: int


def put(scope: str, reason: str, actor: str, *, for_s: float | None = None, until: datetime | None = None) -> Pause:
    """Pause a scope (`queue:low`) for so many seconds, or until then, or until somebody resumes it.

    What runs goes on; what waits is held, and keeps its place. Pausing again changes reason and end. Raises ArgumentError for a
    scope that there is not, with the nearest name, and for an end that is past.
    """
    wanted = checked(scope)
    words, who, until = terms.reason(reason), terms.actor(actor), terms.end(for_s, until)
    if wanted.startswith(f"{pauses.KIND}:"):
        limits.announce(queues.kinds())  # also where no worker has run yet: the scripts know a job by its function only
    made = pauses.put(wanted, words, who, until)
    _release(wanted)  # jobs that an earlier pause parked look again, and learn of the new end
    return made


def resume(scope: str) -> Resumed:
    """End a pause by hand: what it held starts at once. Raises NotFound where the scope is not paused."""
    wanted = _normal(scope)
    pause = pauses.remove(wanted)
    released = _release(wanted)  # also where nothing is paused: a kill may have come between the two
    if pause is None and not released:
        raise NotFound(_not_paused(wanted))
    kind, _, name = wanted.partition(":")
    if kind == pauses.SCHEDULE:
        schedule.catch_up(name)
    return Resumed(wanted, pause, released)


def _release(scope: str) -> int:
    """Let jobs that are parked for a pause be due; the first of them are queued now, the others by the workers this wakes."""
    released = parked.release(pauses.parked_for(scope))
    if released:
        jobs.promote(*queues.QUEUES)
    return released


def every() -> list[Pause]:
    """All pauses in force."""
    return pauses.every()


def choices() -> dict[str, list[str]]:
    """What there is to pause, by class, the first of each; of hosts none, their names are free. Reads only."""
    return {kind: list(_known(kind) or ())[:MOST_CHOICES] for kind in pauses.CLASSES}


def checked(scope: str) -> str:
    """A scope in its normal form. Raises ArgumentError, with the nearest name, where there is no such queue, kind, project …"""
    wanted = _normal(scope)
    kind, _, name = wanted.partition(":")
    known = _known(kind)
    if known is not None and name not in known:
        raise ArgumentError(f"No {_WORDS.get(kind, kind)} {name!r:.60}: {_hint(name, known)}.")
    return wanted


#: What the name of a scope is called, where its class has another word.
_WORDS = {pauses.KIND: "job is of the kind", pauses.SCHEDULE: "entry of the schedule is called"}


def _normal(scope: str) -> str:
    """Class and name, checked for their form."""
    kind, colon, name = (part.strip() for part in scope.partition(":"))
    if kind not in pauses.CLASSES or not colon or not name:
        near = difflib.get_close_matches(kind, pauses.CLASSES, 1) if name else []
        hint = f"did you mean {near[0]}:{name}" if near else "e.g. queue:low, kind:serp, host:example.com"
        raise ArgumentError(f"{scope!r:.80} cannot be paused: name one of {', '.join(pauses.CLASSES)}; {hint}")
    if kind == pauses.HOST:
        name = _host(name)
    elif kind == pauses.QUEUE and name == "normal":
        name = queues.DEFAULT
    elif kind == pauses.SCHEDULE:
        name = entries.name_of(name)
    return f"{kind}:{name}"


def _host(name: str) -> str:
    """A host as it is compared: lower case, punycode. An address of a page is read as its host."""
    host = urls.host_of(name if "://" in name else f"//{name}") or urls.host_of(f"//[{name}]")
    if not host:
        raise ArgumentError(f"{name!r:.80} is no host: write host:example.com")
    return host


def _known(kind: str) -> Sequence[str] | None:
    """The names of a class; None = they are free."""
    if kind == pauses.QUEUE:
        return queues.QUEUES
    if kind == pauses.KIND:
        queues.load_jobs()
        return sorted(set(queues.kinds().values()))
    if kind == pauses.PROVIDER:
        return get_args(config.Settings.model_fields["serp_provider"].annotation)
    if kind == pauses.PROJECT:
        return projects.ids()
    if kind == pauses.SCHEDULE:
        return [entries.name_of(one.id) for one in schedule_records.records()]
    return None


def _hint(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, NAMED, 0.5)
    if near:
        return f"did you mean {' or '.join(near)}?".rstrip("?")
    some = ", ".join(known[:NAMED]) + (", …" if len(known) > NAMED else "")
    return f"there are {some}" if known else "there is none yet"


def _not_paused(scope: str) -> str:
    held = [pause.scope for pause in pauses.every()]
    near = difflib.get_close_matches(scope, held, NAMED) or held[:NAMED]
    others = f"paused are {', '.join(near)}{', …' if len(held) > len(near) else ''}" if held else "nothing is paused"
    return f"{scope} is not paused: {others} (`python manage.py pauses`)."
