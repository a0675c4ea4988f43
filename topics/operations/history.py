"""The history of jobs that ended, by any of what is known of them; and what is old is cleaned up."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import config
import queues
from errors import ArgumentError
from state.engine import history, old_jobs
from state.engine.segments import Query
from state.store import connection
from topics.operations import job_records, states
from topics.operations.job_records import Job
from topics.scraping import stored

#: Most jobs in one reply.
MOST = 1000

CURSOR = re.compile(r"\d{1,20}-\d{1,20}-\d{1,12}")

#: RQ's words for how a job ended, by our state.
OUTCOMES = {state: frozenset(rq for rq, ours in states.OF_RQ.items() if ours is state) for state in states.ENDED}

#: Called with the ids of jobs before their records are deleted: what they left elsewhere goes with them.
Hook = Callable[[Sequence[str]], object]


def _scraped(job_ids: Sequence[str]) -> None:
    """What scrapes, batches and crawls left: results and objects. Loaded only by who cleans up."""

    stored.forget(job_ids)


_hooks: list[Hook] = [_scraped]


@dataclass(frozen=True, slots=True)
class JobHistory:
    """Jobs that ended, the newest first. `cursor` leads to older ones; '' = there are none.

    With a cursor there may be fewer jobs than asked for, even none: the work for one reply is bounded.
    """

    jobs: list[Job]
    cursor: str


@dataclass(frozen=True, slots=True)
class CleanUp:
    """What a clean-up removed: records of jobs by how they ended, and entries of the history."""

    records: dict[str, int]
    history: int


def on_clean_up(hook: Hook) -> Hook:
    """Register a function that removes what jobs left outside their records, e.g. objects. It is called with up to 500 ids."""
    _hooks.append(hook)
    return hook


def get_job_history(
    limit: int = 100, status_filter: str | None = None, *, since: datetime | None = None, cursor: str = "", **filters: str | None
) -> JobHistory:
    """Jobs that ended, the newest first, as far as HISTORY_DAYS and HISTORY_MAX go. Reads only.

    `status_filter`: completed, failed or cancelled, in any system's words. Filters: `kind`, `host`, `tag`, `project`, `owner`,
    `category`, `job_id`. Raises ArgumentError for what is none of these. For times and durations see `search`.
    """
    known = ("kind", "host", "tag", "project", "owner", "category", "job_id")
    if unknown := [name for name in filters if name not in known]:
        raise ArgumentError(f"no filter {unknown[0]!r:.40}: there are {', '.join(known)}.")
    return search(Query(outcomes_of(status_filter), since_ms=ms_of(since) if since else 0, **filters), limit, cursor)  # type: ignore[arg-type]


def search(query: Query, limit: int = 100, cursor: str = "") -> JobHistory:
    """Jobs that ended and that a query seeks, the newest first. Raises ArgumentError for a bad cursor. Reads only."""
    if cursor and not CURSOR.fullmatch(cursor):
        raise ArgumentError(f"{cursor!r:.40} is no cursor of the history: give the one of its last reply.")
    with connection.errors_translated():
        page = history.page(query, max(1, min(limit, MOST)), cursor)
    return JobHistory([job_records.of_change(one) for one in page.jobs], page.cursor)


def outcomes_of(status: str | None) -> frozenset[str]:
    """RQ's words for how jobs of that state ended; all of them for None. Raises ArgumentError for a state that is no end."""
    if status is None:
        return frozenset().union(*OUTCOMES.values())
    state = states.named(status)
    if state not in OUTCOMES:
        ended = ", ".join(sorted(states.ENDED))
        raise ArgumentError(
            f"A job that is {state} has not ended: the history has {ended}. `python manage.py jobs list` has the others."
        )
    return OUTCOMES[state]


def ms_of(moment: datetime) -> int:
    """A time in ms since 1970. Raises ArgumentError for one without a zone."""
    if moment.tzinfo is None:
        raise ArgumentError(f"{moment!r} has no time zone.")
    return int(moment.timestamp() * 1000)


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
