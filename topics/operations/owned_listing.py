"""Lists of the jobs of one owner: those that live by a list of its own, those that ended by the history."""

import re
from dataclasses import replace

from errors import ArgumentError
from models import JobStatus
from state.engine import history, owned, records
from state.engine.segments import Query
from state.store import connection
from topics.operations import job_records, states
from topics.operations.job_records import Job

#: `<n>`: from the n-th job that lives on; `h<cursor>`: among those that ended.
CURSOR = re.compile(r"\d{1,12}|h(\d{1,20}-\d{1,20}-\d{1,12})?")

#: Jobs read for one reply at most: of 20,000 delayed ones perhaps none is parked.
MOST_READ = 20_000


def of(owner: str, wanted: set[JobStatus], limit: int, cursor: str = "") -> tuple[list[Job], str]:
    """Jobs of an owner in these states, the newest of those that live first; and the cursor of the next, "" = there are none.

    A reply may hold fewer than `limit` and yet have a cursor: the work for one is bounded. Raises ArgumentError for a bad cursor.
    """
    if cursor and not CURSOR.fullmatch(cursor):
        raise ArgumentError(f"{cursor!r:.40} is no cursor of this list: give the one of its last reply, with the same states.")
    found: list[Job] = []
    with connection.errors_translated():
        if not cursor.startswith("h"):
            further = _live(owner, wanted - states.ENDED, limit, int(cursor or 0), found)
            if further is not None:
                return found, str(further)
            cursor = "h"
        if not wanted & states.ENDED or len(found) >= limit:
            return found, cursor if wanted & states.ENDED else ""
        ended, cursor = _ended(owner, wanted & states.ENDED, limit - len(found), cursor[1:])
    return found + ended, f"h{cursor}" if cursor else ""


def _live(owner: str, wanted: set[JobStatus], limit: int, start: int, found: list[Job]) -> int | None:
    """Add jobs that live, from the `start`-th on; returns where to go on, None at the end."""
    until = start + MOST_READ
    while wanted and (ids := records.ids_at(owned.place(owner), start, records.CHUNK)):
        for number, job in enumerate(job_records.find_many(ids), start + 1):
            if job is not None and job.status in wanted:
                found.append(job)
            if len(found) >= limit:
                return number
        start += len(ids)
        if start >= until:
            return start
    return None


def _ended(owner: str, wanted: set[JobStatus], limit: int, cursor: str) -> tuple[list[Job], str]:
    """Jobs that ended, the newest first; by their records where RQ still keeps them."""
    outcomes = frozenset(rq for rq, ours in states.OF_RQ.items() if ours in wanted)
    page = history.page(Query(outcomes, owner=owner), limit, cursor)
    kept = job_records.find_many([one.job_id for one in page.jobs])
    told = [job_records.of_change(one) for one in page.jobs]
    return [_as_it_ended(*pair) for pair in zip(kept, told, strict=True)], page.cursor


def _as_it_ended(kept: Job | None, told: Job) -> Job:
    """The record, as far as it tells of that end: a job that runs again has another one."""
    return kept if kept and kept.status is told.status else replace(told, kept=False)
