"""Lists of jobs by their state, as they stand in Redis now: bounded, with a cursor."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import queues
from errors import ArgumentError
from models import JobStatus
from state.engine import records
from state.engine.records import Place
from state.store import connection, keys
from topics.operations import job_records, owned_listing, states
from topics.operations.job_records import Job

#: Most jobs in one reply, and jobs read for one reply at most: of 20,000 delayed ones perhaps none is parked.
MOST, MOST_READ = 1000, 20_000

#: States of jobs that are neither over nor kept back for a time.
ACTIVE = (JobStatus.RUNNING, JobStatus.PENDING)


@dataclass(frozen=True, slots=True)
class Jobs:
    """Some jobs. `cursor` leads to the next ones; '' = there are none. While jobs move, one may be missed or come twice.

    `looked`: so many jobs were looked at for them; `reached`: when the last of these was created or ended.
    """

    jobs: list[Job]
    cursor: str
    looked: int = 0
    reached: datetime | None = None


def get_active_jobs(limit: int = 100) -> list[Job]:
    """Jobs that run, then jobs that wait in the order in which queues are served. Reads only."""
    return list_jobs([state.value for state in ACTIVE], limit).jobs


def held(limit: int = 100) -> list[Job]:
    """Jobs that workers hold: those that run, and those that were taken ahead, which are still pending. Reads only."""
    with connection.errors_translated():
        ids = [job_id for place in records.running_places() for job_id in records.ids_at(place, 0, max(1, min(limit, MOST)))]
        return [job for job in job_records.find_many(ids) if job]


def list_jobs(statuses: Sequence[str | JobStatus] = (), limit: int = 100, cursor: str = "", *, owner: str | None = None) -> Jobs:
    """Jobs in these states (default: running, waiting and delayed). Raises ArgumentError for an unknown state or a bad cursor.

    Ended jobs are those that RQ still keeps: finished ones for minutes, others for a week; `get_job_history` has all. `owner`:
    only jobs of that API key; ended ones are then those of the history, and lanes of its batches and crawls are left out while
    they live. Reads only.
    """
    wanted = {states.named(one) for one in statuses} or {state for state in JobStatus if state not in states.ENDED}
    limit = max(1, min(limit, MOST))
    if owner is not None:
        return Jobs(*owned_listing.of(owner, wanted, limit, cursor))
    with connection.errors_translated():
        places, found = _places(wanted), list[Job]()
        for at, start, job in _from(places, *_read_cursor(cursor, len(places))):
            if job is not None and job.status in wanted:
                found.append(job)
            if len(found) >= limit:
                return Jobs(found, f"{at}.{start + 1}")
    return Jobs(found, "")


def status_counts() -> dict[JobStatus, int]:
    """How many jobs are in each state now; of those that ended, RQ keeps finished ones for minutes and others for a week."""
    with connection.errors_translated():
        held = records.delayed_places(queues.QUEUES)
        counts = {state: sum(records.sizes(_of_state(state))) for state in JobStatus}
        delayed = dict.fromkeys((JobStatus.PARKED, JobStatus.RETRY), 0)
        for _, _, job in itertools.islice(_from(held, 0, 0), MOST_READ):
            if job is not None and job.status in delayed:
                delayed[job.status] += 1
    scheduled = max(0, counts[JobStatus.SCHEDULED] - sum(delayed.values()))
    pending = max(0, counts[JobStatus.PENDING])
    return counts | delayed | {JobStatus.SCHEDULED: scheduled, JobStatus.PENDING: pending}


def _of_state(state: JobStatus) -> list[Place]:
    if state is JobStatus.PENDING:
        deferred = [Place(keys.RQ_DEFERRED + name, "zset") for name in queues.QUEUES]
        return [*records.waiting_places(queues.QUEUES), *deferred]
    if state is JobStatus.RUNNING:
        return records.running_places()
    if state in (JobStatus.RETRY, JobStatus.SCHEDULED, JobStatus.PARKED):
        return records.delayed_places(queues.QUEUES)
    registry = {JobStatus.COMPLETED: keys.RQ_FINISHED, JobStatus.FAILED: keys.RQ_FAILED, JobStatus.CANCELLED: keys.RQ_CANCELED}
    return records.ended_places(queues.QUEUES, registry[state])


def _places(wanted: set[JobStatus]) -> list[Place]:
    """Where jobs in these states stand, each place once; running ones come first."""
    order = (JobStatus.RUNNING, *(state for state in JobStatus if state is not JobStatus.RUNNING))
    return list(dict.fromkeys(place for state in order if state in wanted for place in _of_state(state)))


def _from(places: Sequence[Place], at: int, start: int) -> Iterator[tuple[int, int, Job | None]]:
    """Jobs of places, from the `start`-th of place `at` on, each with where it stands."""
    for number in range(at, len(places)):
        begin = start if number == at else 0
        while ids := records.ids_at(places[number], begin, records.CHUNK):
            for offset, job in enumerate(job_records.find_many(ids)):
                yield number, begin + offset, job
            begin += len(ids)


def _read_cursor(cursor: str, places: int) -> tuple[int, int]:
    at, dot, start = cursor.partition(".")
    if not cursor:
        return 0, 0
    if not (dot and at.isdigit() and start.isdigit() and len(cursor) < 20 and int(at) < max(1, places)):
        raise ArgumentError(f"{cursor!r:.40} is no cursor of this list: give the one of its last reply, with the same states.")
    return int(at), int(start)
