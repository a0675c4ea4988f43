"""Workers that live, and the queues they serve."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from errors import NotFound
from state.engine import worker_commands as commands
from state.engine.snapshot import Snapshot, Worker
from state.store import connection
from topics.operations import stops


@dataclass(frozen=True, slots=True)
class Look:
    """Workers and queues of one moment, as `living` and `of_queues` have them. `running`: jobs that workers hold."""

    workers: list[dict[str, Any]]
    queues: list[dict[str, Any]]
    running: int


def look() -> Look:
    """Workers and queues in one command. Reads only."""
    with connection.errors_translated():
        seen = stops.now()
    workers = [figures(one, seen.now) for one in sorted(seen.workers, key=lambda worker: worker.name)]
    return Look(workers, _queues(seen), seen.running)


def living() -> list[dict[str, Any]]:
    """Workers by their own records, which end a while after their last sign of life. Reads only."""
    return look().workers


def of_queues() -> list[dict[str, Any]]:
    """Each queue: jobs that wait, are blocked by a limit or due by their time, since when, and how many workers serve it."""
    with connection.errors_translated():
        return _queues(stops.now())


def stop(name: str) -> None:
    """Ask a worker to take no more jobs, and to end after those that it runs; its supervisor starts another one in its place.

    What does not end within SHUTDOWN_TIMEOUT goes back into its queue, unspent. Raises NotFound.
    """
    with connection.errors_translated():
        if not commands.ask_to_stop(name):
            raise NotFound(f"No worker {name!r:.80} lives: `python manage.py inspect ping` shows those that do.")


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


def figures(one: Worker, now: datetime) -> dict[str, Any]:
    """What is known of a worker, as plain data."""
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
