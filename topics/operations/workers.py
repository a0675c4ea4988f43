"""Workers that live, and the queues they serve."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from errors import NotFound
from state.engine import worker_commands as commands
from state.engine.snapshot import Snapshot, Worker
from state.store import connection
from topics.operations import job_names, listing, stops
from topics.operations.job_records import Job

#: Jobs in hand that are read for one look: those of forty processes of 25 threads.
MOST_HELD = 1000


@dataclass(frozen=True, slots=True)
class Look:
    """Workers and queues of one moment, as `living` and `of_queues` have them. `running`: jobs that workers hold."""

    workers: list[dict[str, Any]]
    queues: list[dict[str, Any]]
    running: int


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


def look() -> Look:
    """Workers and queues in one command. Reads only."""
    with connection.errors_translated():
        seen = stops.now()
    workers = [_figures(one, seen.now) for one in sorted(seen.workers, key=lambda worker: worker.name)]
    return Look(workers, _queues(seen), seen.running)


def living() -> list[dict[str, Any]]:
    """Workers by their own records, which end a while after their last sign of life. Reads only."""
    return look().workers


def of_queues() -> list[dict[str, Any]]:
    """Each queue: jobs that wait, are blocked by a limit or due by their time, since when, and how many workers serve it."""
    with connection.errors_translated():
        return _queues(stops.now())


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


def stop(name: str) -> None:
    """Ask a worker to take no more jobs, and to end after those that it runs; its supervisor starts another one in its place.

    What does not end within SHUTDOWN_TIMEOUT goes back into its queue, unspent. Raises NotFound.
    """
    with connection.errors_translated():
        if not commands.ask_to_stop(name):
            raise NotFound(f"No worker {name!r:.80} lives: `python manage.py inspect ping` shows those that do.")


def _process(one: Worker, held: list[Job], named: Mapping[str, str], now: datetime) -> Process:
    mine = [job for job in held if job.worker == one.name]
    running = sorted((job for job in mine if job.started_at), key=lambda job: job.started_at or now)
    return Process(
        _figures(one, now), [Running(job, named[job.id], _since(job, now)) for job in running], len(mine) - len(running)
    )


def _since(job: Job, now: datetime) -> float | None:
    return (now - job.started_at).total_seconds() if job.started_at else None


def _queues(seen: Snapshot) -> list[dict[str, Any]]:
    return [
        {
            "queue": one.queue,
            "jobs": one.jobs,
            "blocked": sum(one.blocked.values()),
            "due": one.due,
            "waiting_since": one.since,
            "workers": sum(one.queue in worker.queues for worker in seen.workers),
        }
        for one in seen.waiting
    ]


def _figures(one: Worker, now: datetime) -> dict[str, Any]:
    return {
        "worker": one.name,
        "queues": ", ".join(one.queues),
        "busy": one.busy,
        "memory_mb": one.memory_mb,
        "jobs_done": one.jobs_done,
        "worked_s": round(one.worked_s, 1),
        "heard_s_ago": round((now - one.heard_at).total_seconds(), 1) if one.heard_at else None,
        "host": one.host,
        "pid": one.pid,
        "version": one.version,
        "started_at": one.born_at,
        "places": one.places,
        "draining": one.is_draining,
    }
