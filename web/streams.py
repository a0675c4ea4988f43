"""Event streams (Server-Sent Events): what a stream writes, and when it ends. Routes: web/api/events.py.

A stream begins with `retry:`, tells events with `id:` where one can resume after them, and sends a comment while nothing happens.
The data of an event is JSON in one line.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, request

import clock
from errors import SystemFault
from models import JobStatus
from state.engine.changes import Change
from topics.operations import job_records, states
from web import budget
from web.admission import Admission
from web.subscription import Event, Subscription

#: A client that was cut off comes back after so long (ms).
RETRY_MS = 3000

HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

GREETING = f"retry: {RETRY_MS}\n\n"
#: Seconds without an event until a comment shows that the stream lives.
HEARTBEAT_S = 15.0

HEARTBEAT = ": nothing new\n\n"

#: What an event is called outside, where that is not its outcome.
NAMES = {"finished": "completed", "over": "completed", "canceled": "cancelled", "stopped": "cancelled", "halted": "cancelled"}

#: The state of a job after an event.
AFTER = {
    "submitted": JobStatus.PENDING,
    "started": JobStatus.RUNNING,
    "progress": JobStatus.RUNNING,
    "completed": JobStatus.COMPLETED,
    "failed": JobStatus.FAILED,
    "cancelled": JobStatus.CANCELLED,
    "retry": JobStatus.RETRY,
    "parked": JobStatus.PARKED,
}

#: Events after which a job, or a batch or crawl, does nothing more.
ENDS = frozenset({"completed", "failed", "cancelled"})

#: Outcomes that no execution has.
UNTIMED = frozenset({"submitted", "started", "progress", "over", "halted"})


def name_of(outcome: str) -> str:
    """The name of an event outside."""
    return NAMES.get(outcome, outcome)


def write(event: str, data: Mapping[str, Any], id_: str = "") -> str:
    """One event as it goes over the wire. Whatever the data hold, they are one line."""
    head = f"id: {id_}\n" if id_ else ""
    return f"{head}event: {event}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n"


def written(event: Event) -> str:
    """An event of the hub as it goes over the wire."""
    if event.change is None:
        return HEARTBEAT if event.name == "quiet" else write(event.name, {"event": event.name})
    return write(name_of(event.name), facts(event.change, event.progress), event.id)


def facts(change: Change, progress: str = "") -> dict[str, Any]:
    """What an event says of a job, or of a batch or crawl."""
    name = name_of(change.outcome)
    at = datetime.fromtimestamp(change.at_ms / 1000, UTC)
    found: dict[str, Any] = {"event": name, "id": change.job_id, "kind": change.kind, "at": stamp(at)}
    if name in AFTER:
        found |= words(AFTER[name])
    if change.outcome not in UNTIMED:
        found |= {"attempts": change.attempts, "ran_ms": change.ran_ms}
    if progress:
        found["progress"] = shown(job_records.progress_of(progress))
    labels = {"category": change.category, "host": change.host, "tag": change.tag, "project": change.project}
    return found | {label: value for label, value in labels.items() if value}


def snapshot(job: job_records.Job) -> dict[str, Any]:
    """What the first event of a job's stream says: how it is now."""
    found = {"event": "state", "id": job.id, "kind": job.kind, "queue": job.queue, **words(job.status)}
    return found | {"attempts": job.attempts, "progress": shown(job.progress), "message": job.error_message}


def words(status: JobStatus) -> dict[str, str]:
    """A state in both vocabularies."""
    return {"status": status.value, "state": states.CELERY[status]}


def shown(told: job_records.Progress | None) -> dict[str, Any] | None:
    """A progress as JSON; None where there is none."""
    return {"step": told.step, "total": told.total, "message": told.message, "details": told.details} if told else None


def stamp(at: datetime) -> str:
    """A time as the API writes it.

    >>> stamp(datetime(2026, 11, 29, 8, 5, 1, 250000, UTC))
    '2026-11-29T08:05:01.250Z'
    """
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def told(stream: Subscription, takes: Callable[[Event], bool], admission: Admission) -> Iterator[str]:
    """What the stream of a list writes, until it ends. `takes` may ask Redis: it runs in the stream's own thread."""
    yield GREETING
    wrote_at = clock.monotonic()
    with suppress(SystemFault):  # while its past is read: a client that is cut off comes back
        for event in stream:
            if not admission.holds():
                return
            is_told = takes(event) if event.change else event.name != "quiet" or clock.monotonic() >= wrote_at + HEARTBEAT_S
            if is_told:
                wrote_at = clock.monotonic()
                yield written(event)


def begin() -> ExitStack:
    """Take the share of a stream. Raises Problem 503 with Retry-After where too many are open."""
    held = ExitStack()
    held.enter_context(budget.stream())
    return held


def reply(told: Iterator[str], held: ExitStack) -> Response:
    """The reply that streams `told`. `held` is given back at its end, also where the client left before it began."""
    if request.method == "HEAD":
        told = iter(())
    made = Response(told, mimetype="text/event-stream", headers=HEADERS)
    made.call_on_close(held.close)
    return made


def register(app: Flask) -> None:
    """Nothing: the routes stand in web/api/events.py."""
