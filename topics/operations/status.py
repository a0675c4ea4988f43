"""How the system is doing, in one look. Reading it changes nothing in Redis."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

import clock
import config
import queues
from models import Stop
from state.engine import counters, dedup, heartbeats, jobs, limits, parked
from state.engine.snapshot import Worker
from state.store import connection
from state.tracking import halts, keywords, projects
from topics.operations import stops


@dataclass(frozen=True, slots=True)
class Status:
    """Figures of one moment. `scheduler_beat` None = no scheduler within the last minute."""

    at: datetime
    projects: int
    keywords: int
    processing: int
    eligible: int
    scraped_last_hour: int
    failed: int
    queue_depths: dict[str, int]
    limits: list[limits.Limit]
    workers: int
    busy_workers: int
    scheduler_beat: datetime | None
    halted: str | None
    redis_memory_bytes: int | None
    provider: str
    missed_last_hour: int = 0  # occurrences of the schedule that were left out because no scheduler ran
    late_last_hour: int = 0
    stops: list[Stop] = field(default_factory=list)  # what stops all work or a part of it, the gravest first
    worker_records: list[Worker] = field(default_factory=list)
    blocked: dict[str, int] = field(default_factory=dict)  # kind whose concurrency limit is reached → jobs that wait for it
    parked: dict[str, int] = field(default_factory=dict)  # reason → jobs that wait until a moment


def now() -> Status:
    """Take the figures. Cost grows with the number of projects, not of keywords."""
    ids = projects.ids()
    counts = projects.counts(ids)
    active = {project.id for project in projects.every() if project.active}
    halt = halts.halted()
    seen = stops.now()
    return Status(
        at=clock.now(),
        projects=len(ids),
        keywords=sum(tracked for tracked, _ in counts.values()),
        processing=dedup.count(),
        eligible=sum(due for project_id, (_, due) in counts.items() if project_id in active),
        scraped_last_hour=counters.counted("scraped"),
        failed=keywords.failed_count(),
        queue_depths=jobs.depths(queues.QUEUES),
        limits=limits.every(queues.QUEUES),
        workers=len(seen.workers),
        busy_workers=sum(worker.busy for worker in seen.workers),
        scheduler_beat=heartbeats.last_beat("scheduler"),
        halted=halt.reason if halt else None,
        redis_memory_bytes=connection.memory_bytes(),
        provider=config.settings().serp_provider,
        missed_last_hour=counters.counted("missed"),
        late_last_hour=counters.counted("late"),
        stops=[*stops.of_server(), *stops.of(seen), *stops.of_webhooks(), *stops.of_budgets()],
        worker_records=seen.workers,
        blocked=dict(sum((Counter(queue.blocked) for queue in seen.waiting), Counter[str]())),
        parked=dict(parked.counts().most_common()),
    )
