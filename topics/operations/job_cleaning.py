"""Jobs that ended long ago are deleted: their records, their results, their history."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import config
import queues
from errors import ArgumentError
from state.engine import history, old_jobs
from state.store import connection
from topics.scraping import stored

#: Called with the ids of jobs before their records are deleted: what they left elsewhere goes with them.
Hook = Callable[[Sequence[str]], object]


def _scraped(job_ids: Sequence[str]) -> None:
    """What scrapes, batches and crawls left: results and objects. Loaded only by who cleans up."""

    stored.forget(job_ids)


_hooks: list[Hook] = [_scraped]


@dataclass(frozen=True, slots=True)
class CleanUp:
    """What a clean-up removed: records of jobs by how they ended, and entries of the history."""

    records: dict[str, int]
    history: int


def on_clean_up(hook: Hook) -> Hook:
    """Register a function that removes what jobs left outside their records, e.g. objects. It is called with up to 500 ids."""
    _hooks.append(hook)
    return hook


def check_age(days: float) -> None:
    """Raise ArgumentError for what is no age in days."""
    if not 0 <= days <= 3660:
        raise ArgumentError(f"max_age_days must be 0 to 3660, not {days!r}.")


def cleanup_old_jobs(max_age_days: float, done: Callable[[int], object] = lambda count: None) -> CleanUp:
    """Delete jobs that ended so many days ago: records and results of every registry, cancelled ones too, and their history.

    What they left elsewhere is removed by the hooks first. Raises ArgumentError. Safe to repeat; `done` hears how many went.
    """
    check_age(max_age_days)
    before_s = connection.now().timestamp() - max_age_days * 86_400
    removed: dict[str, int] = {}
    total = 0
    with connection.errors_translated():
        for name, registry, ids in old_jobs.ended_before(before_s, queues.QUEUES):
            for hook in _hooks:
                hook(ids)
            removed[name] = removed.get(name, 0) + old_jobs.delete(registry, ids)
            total += len(ids)
            done(total)
        forgotten = history.trim(max_age_days, config.settings().history_max)
    return CleanUp(removed, forgotten)
