"""The figures of the queues and of the hours: how many jobs wait, run and end, how long they take, and what went wrong."""

import logging
from collections import Counter
from datetime import datetime
from typing import Any

import queues
from errors import CATEGORIES, ArgumentError
from models import JobStatus
from state.engine import changes, events, hourly, jobs, records
from state.engine.hourly import Hour
from state.store import connection
from topics.operations import health, history, listing, states, stops
from topics.operations.job_records import Job

log = logging.getLogger("trawl.metrics")

#: Outcomes of executions after which a job is over, and those that are failures.
OVER, BAD = ("finished", "failed"), ("failed",)

#: Hours that `get_queue_stats` adds up.
WINDOW_HOURS = 24

#: Running jobs that the summary names.
SHOWN = 20


def get_queue_stats() -> dict[str, Any]:
    """Jobs by state, queue lengths, and of the last 24 hours rates and times by kind. Reads only.

    Jobs that ended are those of the last 24 hours: RQ's registries keep them for minutes or days, and would count something else.
    `total_jobs`, `status_counts`, `active_tasks`, `queue_lengths`, `success_rate` and `failure_rate` (shares of jobs that ended,
    None = none did), `average_s`, `kinds`: kind → `completed`, `failed`, `average_s`, `p95_s`.
    """
    day = hourly.total(hourly.latest(WINDOW_HOURS))
    ended = {state: day.count(*history.OUTCOMES[state]) for state in states.ENDED}
    counts = listing.status_counts() | ended
    return {
        "total_jobs": sum(counts.values()),
        "status_counts": {state.value: number for state, number in counts.items()},
        "active_tasks": counts[JobStatus.RUNNING],
        "queue_lengths": jobs.depths(queues.QUEUES),
        "window_hours": WINDOW_HOURS,
        **_rates(day),
        "average_s": _seconds(day.average_ms("finished")),
        "kinds": {kind or "unknown": _of_kind(day, kind) for kind in day.kinds() if day.count(*OVER, kind=kind)},
    }


def get_system_metrics() -> dict[str, Any]:
    """Health with its reasons, workers, queues and the last hour, in one look. Reads only."""
    with connection.errors_translated():
        found, seen = health.get_health(), stops.now()
        memory = [worker.memory_mb for worker in seen.workers if worker.memory_mb is not None]
        busy = sum(worker.busy for worker in seen.workers)
        return {
            "timestamp": seen.now,
            "health_status": found.status.value,
            "reasons": [{"says": one.says, "fix": one.fix} for one in found.reasons],
            "worker_stats": {
                "active_workers": len(seen.workers),
                "busy_workers": busy,
                "idle_workers": len(seen.workers) - busy,
                "memory_mb": sum(memory) if memory else None,
            },
            "queue_stats": get_queue_stats(),
            "last_hour": _figures(hourly.total(hourly.latest(2))),
            "redis_memory_bytes": connection.memory_bytes(),
        }


def get_active_jobs_summary() -> dict[str, Any]:
    """How many jobs run and wait, by kind and queue, and the running ones that run longest. Reads only."""
    found = listing.list_jobs([JobStatus.RUNNING], listing.MOST).jobs
    now = connection.now()
    longest = sorted((job for job in found if job.started_at), key=lambda job: job.started_at or now)[:SHOWN]
    return {
        "running": sum(records.sizes(records.running_places())),
        "by_kind": dict(Counter(job.kind or "unknown" for job in found).most_common()),
        "by_queue": dict(Counter(job.queue for job in found).most_common()),
        "waiting": jobs.depths(queues.QUEUES),
        "longest": [_running(job, now) for job in longest],
    }


def get_performance_history(hours: int = 24) -> list[dict[str, Any]]:
    """The last hours, oldest first, the present one last. Raises ArgumentError for fewer than 1 or more than 90 days. Reads only.

    Each has `timestamp` (when it began), `jobs_processed`, `success_rate`, `failure_rate`, `completed`, `failed`, `cancelled`,
    `retried`, `parked`, `rescued`, `poisoned`, `missed`, `errors` (category → number, retries too), `average_s`, `p50_s` and
    `p95_s`.
    """
    if not 1 <= hours <= hourly.MOST_HOURS:
        raise ArgumentError(f"hours must be 1 to {hourly.MOST_HOURS} (90 days), not {hours}.")
    with connection.errors_translated():
        return [{"timestamp": hour.began, **_figures(hour)} for hour in hourly.latest(hours)]


def record_job_completion(job_id: str, success: bool, processing_time: float, kind: str = events.EXTERNAL) -> bool:
    """Count a job that another system ran, and keep its end in the history; `processing_time` in seconds.

    Jobs of the engine count by themselves. Returns whether it was counted. Raises ArgumentError.
    """
    _check(job_id, kind)
    if not 0 <= processing_time < 1e9:
        raise ArgumentError(f"processing_time must be seconds, 0 or more, not {processing_time!r}.")
    ms = round(processing_time * 1000)
    outcome = "finished|" if success else "failed|system"
    return _tell(f"{kind}|{outcome}|{ms.bit_length()}\t{ms}\t{job_id}{_owned()}\n")


def record_error(job_id: str, error_type: str, message: str = "", kind: str = events.EXTERNAL) -> str:
    """Count an error of another system by its category: a word of errors.CATEGORIES, else `system`. Returns the category.

    The message goes into the log. Raises ArgumentError.
    """
    _check(job_id, kind)
    category = error_type.lower() if error_type.lower() in CATEGORIES else "system"
    _tell(f"{kind}|error|{category}|0\t0\t{job_id}{_owned()}\n")
    log.warning("Error of another system", extra={"job": job_id, "kind": kind, "category": category, "reason": message[:500]})
    return category


def _check(job_id: str, kind: str) -> None:
    if not queues.JOB_ID.fullmatch(job_id):
        raise ArgumentError(f"the job id {job_id!r:.60} must be up to 200 letters, digits, - and _.")
    if not changes.KIND.fullmatch(kind):
        raise ArgumentError(f"the kind {kind!r:.60} must be up to 40 letters, digits, - and _.")


def _owned() -> str:
    """The rest of a row: one attempt, no labels, and the owner of what is told here."""
    owner = queues.current_owner()
    return f"\t1\t\t\t\t{owner}" if owner else ""


def _tell(rows: str) -> bool:
    with connection.errors_translated():
        return events.tell(rows)


def _rates(hour: Hour) -> dict[str, float | None]:
    over, bad = hour.count(*OVER), hour.count(*BAD)
    return {
        "success_rate": round((over - bad) / over, 4) if over else None,
        "failure_rate": round(bad / over, 4) if over else None,
    }


def _figures(hour: Hour) -> dict[str, Any]:
    errors: Counter[str] = Counter()
    for (_, _, category, _), number in hour.counts.items():
        if category:
            errors[category] += number
    return {
        "jobs_processed": hour.count(*OVER),
        **_rates(hour),
        "completed": hour.count("finished"),
        "failed": hour.count("failed"),
        "cancelled": hour.count("canceled", "stopped"),
        "retried": hour.count("retry"),
        **{name: hour.count(name) for name in ("parked", "rescued", "poisoned", "missed")},
        "errors": dict(errors.most_common()),
        "average_s": _seconds(hour.average_ms("finished")),
        "p50_s": _seconds(hour.percentile_ms(0.5, "finished")),
        "p95_s": _seconds(hour.percentile_ms(0.95, "finished")),
    }


def _of_kind(hour: Hour, kind: str) -> dict[str, Any]:
    return {
        "completed": hour.count("finished", kind=kind),
        "failed": hour.count("failed", kind=kind),
        "average_s": _seconds(hour.average_ms("finished", kind=kind)),
        "p95_s": _seconds(hour.percentile_ms(0.95, "finished", kind=kind)),
    }


def _running(job: Job, now: datetime) -> dict[str, Any]:
    told = job.progress
    return {
        "id": job.id,
        "kind": job.kind,
        "queue": job.queue,
        "worker": job.worker,
        "for_s": round((now - job.started_at).total_seconds(), 1) if job.started_at else None,
        "progress_percentage": round(100 * told.step / told.total, 1) if told and told.total else None,
    }


def _seconds(ms: float | None) -> float | None:
    return None if ms is None else round(ms / 1000, 4)
