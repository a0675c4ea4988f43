"""The account: what waits and runs, how much at a time, and what is left of the quota."""

from datetime import UTC, datetime
from typing import Any

from flask import Response, jsonify

import clock
import config
import queues
from state.engine import records
from state.store import connection
from topics.access import quotas
from topics.operations import stops
from web import access
from web.firecrawl import routes

#: What is left where there is no quota.
PLENTY = 1_000_000_000


@routes.route("get", "/team/queue-status")
def queue_status() -> Response:
    """How many jobs of this server wait and run."""
    active, waiting = running(), delayed_or_waiting()
    return jsonify(
        success=True,
        jobsInQueue=active + waiting,
        activeJobsInQueue=active,
        waitingJobsInQueue=waiting,
        maxConcurrency=places(),
        mostRecentSuccess=None,
    )


@routes.route("get", "/concurrency-check")
def concurrency() -> Response:
    """How many jobs run, of how many that may."""
    return jsonify(success=True, concurrency=running(), maxConcurrency=places())


def running() -> int:
    """How many jobs run. What is counted is not read, so a million jobs cost what ten do."""
    with connection.errors_translated():
        return max(0, sum(records.sizes(records.running_places())))


def delayed_or_waiting() -> int:
    """How many jobs wait in a queue, or for a time."""
    with connection.errors_translated():
        held = [*records.waiting_places(queues.QUEUES), *records.delayed_places(queues.QUEUES)]
        return max(0, sum(records.sizes(held)))


def places() -> int:
    """How many jobs the workers that live now run at a time."""
    with connection.errors_translated():
        return len(stops.now().workers) * config.settings().worker_threads


@routes.route("get", "/team/credit-usage")
def credit_usage() -> Response:
    """What is left of the quota of the caller's key this month, in pages."""
    begins = clock.now().astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    left, plan = _quota()
    data: dict[str, Any] = {"remainingCredits": left, "planCredits": plan, "billingPeriodStart": _text(begins)}
    ends = begins.replace(year=begins.year + begins.month // 12, month=begins.month % 12 + 1)
    v1 = {"remaining_credits": left, "plan_credits": plan} if routes.version() == "v1" else {}
    return jsonify(success=True, data={**data, "billingPeriodEnd": _text(ends), **v1})


def _quota() -> tuple[int, int]:
    """Pages that are left, and of how many."""
    left = pages_left()
    return (PLENTY, PLENTY) if left is None else (left, quotas.of(access.caller().key_id).limit or PLENTY)


def pages_left() -> int | None:
    """Pages that the caller's key may fetch this month; None = there is no quota."""
    key_id = access.caller().key_id
    return quotas.of(key_id).left if key_id else None


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
