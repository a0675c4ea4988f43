"""The history of jobs that ended, by any of what is known of them."""

import re
from dataclasses import dataclass
from datetime import datetime

from errors import ArgumentError
from state.engine import history
from state.engine.segments import Query
from state.store import connection
from topics.operations import job_records, states
from topics.operations.job_records import Job

#: Most jobs in one reply.
MOST = 1000

CURSOR = re.compile(r"\d{1,20}-\d{1,20}-\d{1,12}")

#: RQ's words for how a job ended, by our state.
OUTCOMES = {state: frozenset(rq for rq, ours in states.OF_RQ.items() if ours is state) for state in states.ENDED}


@dataclass(frozen=True, slots=True)
class JobHistory:
    """Jobs that ended, the newest first. `cursor` leads to older ones; '' = there are none.

    With a cursor there may be fewer jobs than asked for, even none: the work for one reply is bounded.
    """

    jobs: list[Job]
    cursor: str


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
