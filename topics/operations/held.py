"""What each pause holds back at this moment: counted where something waits for it, in a few round trips for all of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import queues
import wording
from scheduling import entries
from state.engine import jobs, limits, parked, pauses, schedule_records
from state.engine.pauses import Pause
from state.store import connection
from state.tracking import projects


@dataclass(frozen=True, slots=True)
class Held:
    """So many jobs, keywords or runs wait now. `is_all` False: there may be more. None = it cannot be counted."""

    count: int
    noun: str
    is_all: bool = True

    def __str__(self) -> str:
        return ("" if self.is_all else "at least ") + wording.pluralize(self.count, self.noun)


def by(found: Sequence[Pause]) -> dict[str, Held]:
    """What waits for each of these pauses now, by its scope. Reads only; cost grows with the number of pauses and projects.

    queue: jobs in it. kind: jobs of it that were looked at. project, provider: keywords that are due. schedule: runs that are
    due. host: jobs that are parked for it.
    """
    names: dict[str, list[str]] = {}
    for pause in found:
        kind, _, name = pause.scope.partition(":")
        names.setdefault(kind, []).append(name)
    return {f"{kind}:{name}": held for kind, some in names.items() if kind in COUNTS for name, held in COUNTS[kind](some).items()}


def _queues(names: Iterable[str]) -> Mapping[str, Held]:
    waiting = jobs.depths([name for name in names if name in queues.QUEUES])
    return {name: Held(count, "job") for name, count in waiting.items()}


def _kinds(names: Sequence[str]) -> Mapping[str, Held]:
    waiting = limits.blocked_by_kind(queues.QUEUES, names)
    return {name: Held(count, "job") for name, count in waiting.items()}


def _projects(names: Sequence[str]) -> Mapping[str, Held]:
    return {name: Held(due, "due keyword") for name, (_, due) in projects.counts(list(names)).items()}


def _providers(names: Sequence[str]) -> Mapping[str, Held]:
    active = [project.id for project in projects.every() if project.active]
    due = sum(due for _, due in projects.counts(active).values())
    return {name: Held(due if f"{pauses.PROVIDER}:{name}" == pauses.of_provider() else 0, "due keyword") for name in names}


def _entries(names: Sequence[str]) -> Mapping[str, Held]:
    now = connection.now()
    due = {entries.name_of(one.id) for one in schedule_records.records() if one.next_at and one.next_at <= now}
    return {name: Held(int(name in due), "due run") for name in names}


def _hosts(names: Sequence[str]) -> Mapping[str, Held]:
    some = parked.count_some()
    waiting = {name: some.counts[pauses.parked_for(f"{pauses.HOST}:{name}")] for name in names}
    return {name: Held(count, "parked job", some.is_all) for name, count in waiting.items()}


COUNTS = {
    pauses.QUEUE: _queues,
    pauses.KIND: _kinds,
    pauses.PROVIDER: _providers,
    pauses.PROJECT: _projects,
    pauses.SCHEDULE: _entries,
    pauses.HOST: _hosts,
}
