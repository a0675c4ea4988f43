"""Who works on what now: each worker with the jobs that it runs and those it took ahead."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from state.engine.snapshot import Worker
from state.store import connection
from topics.operations import job_names, listing, stops, workers
from topics.operations.job_records import Job

#: Jobs in hand that are read for one look: those of forty processes of 25 threads.
MOST_HELD = 1000


@dataclass(frozen=True, slots=True)
class Running:
    """A job that runs, what it works on, and for how long (s)."""

    job: Job
    what: str
    for_s: float | None


@dataclass(frozen=True, slots=True)
class Process:
    """A worker: its figures as `living` has them, what it runs, and how many jobs it took ahead that have not begun."""

    figures: dict[str, Any]
    running: list[Running]
    ahead: int


@dataclass(frozen=True, slots=True)
class Floor:
    """The workers that live, by name, and the jobs whose worker is gone: another one takes them back when their lease ends."""

    processes: list[Process]
    lost: list[Running]


def floor() -> Floor:
    """Who works on what now; jobs that run longest come first. Reads only, in a few round trips."""
    with connection.errors_translated():
        seen = stops.now()
        held = listing.held(MOST_HELD)
    named = dict(zip((job.id for job in held), job_names.of_many(held), strict=True))
    living = {worker.name for worker in seen.workers}
    lost = [Running(job, named[job.id], _since(job, seen.now)) for job in held if job.started_at and job.worker not in living]
    found = [_process(one, held, named, seen.now) for one in sorted(seen.workers, key=lambda worker: worker.name)]
    return Floor(found, lost)


def _process(one: Worker, held: list[Job], named: Mapping[str, str], now: datetime) -> Process:
    mine = [job for job in held if job.worker == one.name]
    running = sorted((job for job in mine if job.started_at), key=lambda job: job.started_at or now)
    return Process(
        workers.figures(one, now), [Running(job, named[job.id], _since(job, now)) for job in running], len(mine) - len(running)
    )


def _since(job: Job, now: datetime) -> float | None:
    return (now - job.started_at).total_seconds() if job.started_at else None
