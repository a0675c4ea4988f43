"""How the system is doing, in one look. Reading it changes nothing in Redis."""

from dataclasses import dataclass
from datetime import datetime

import clock
import config
import queues
from state import activity, claims, connection, jobs, keys, keywords, limits, projects


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


def now() -> Status:
    """Take the figures. Cost grows with the number of projects, not of keywords."""
    ids = projects.ids()
    counts = projects.counts(ids)
    active = {project.id for project in projects.every() if project.active}
    halt = activity.halted()
    alive, busy = _workers()
    return Status(
        at=clock.now(),
        projects=len(ids),
        keywords=sum(tracked for tracked, _ in counts.values()),
        processing=claims.count(),
        eligible=sum(due for project_id, (_, due) in counts.items() if project_id in active),
        scraped_last_hour=activity.counted("scraped"),
        failed=keywords.failed_count(),
        queue_depths=jobs.depths(queues.QUEUES),
        limits=limits.every(queues.QUEUES),
        workers=alive,
        busy_workers=busy,
        scheduler_beat=activity.last_beat("scheduler"),
        halted=halt.reason if halt else None,
        redis_memory_bytes=connection.memory_bytes(),
        provider=config.settings().serp_provider,
        missed_last_hour=activity.counted("missed"),
        late_last_hour=activity.counted("late"),
    )


def _workers() -> tuple[int, int]:
    redis = connection.client()
    with redis.pipeline(transaction=False) as pipe:
        for name in redis.smembers(keys.RQ_WORKERS):
            pipe.hmget(name, "birth", "state")
        rows = pipe.execute()
    alive = [state for birth, state in rows if birth]
    return len(alive), sum(state == b"busy" for state in alive)
