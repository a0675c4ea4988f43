"""What the log says of each job: received, completed or failed, with how long it took.

At DEBUG, or at INFO for what took LOG_SLOW_JOB_S; failures are told by outcomes.py, with the same facts. What is logged is asked
once for many jobs: `wanted`.
"""

import logging
import math
from contextlib import suppress
from datetime import datetime

import clock
import config
import queues
from errors import ArgumentError
from worker import execution as executions

log = logging.getLogger("trawl.job")


def wanted() -> float:
    """Jobs that ran for so long (s) are logged; 0 = all, also as they are received."""
    slow_s = float(config.settings().log_slow_job_s)
    if log.isEnabledFor(logging.DEBUG):
        return 0.0
    return slow_s if log.isEnabledFor(logging.INFO) else math.inf


def received(task: executions.Task) -> None:
    """A job is in our hands."""
    level = logging.DEBUG if config.settings().log_slow_job_s else logging.INFO
    log.log(level, "Job received: %s", task.call.path, extra=_names(task))


def completed(task: executions.Task) -> None:
    """A job ended well."""
    level = logging.INFO if _took_s(task) >= config.settings().log_slow_job_s else logging.DEBUG
    log.log(level, "Job completed: %s", task.call.path, extra=facts(task))


def facts(task: executions.Task) -> dict[str, object]:
    """What a line about a job that ended says of it: `ms` it ran, and `waited_ms` from its submit until it began."""
    took_s = _took_s(task)
    found = {**_names(task), "ms": round(1000 * took_s)}
    try:
        queued_at = datetime.fromisoformat(task.job.fields[b"enqueued_at"].decode()).timestamp()
    except (KeyError, ValueError):
        return found
    return {**found, "waited_ms": round(1000 * max(0.0, clock.now().timestamp() - took_s - queued_at))}


def _names(task: executions.Task) -> dict[str, object]:
    path, job, kind = task.call.path, task.job, ""
    with suppress(ArgumentError):  # registered it was, to get so far; but for tests
        kind = queues.spec_of(path).kind
    return {"job": job.id, "function": path, "kind": kind, "queue": job.queue}


def _took_s(task: executions.Task) -> float:
    return max(0.0, (task.ended or clock.monotonic()) - task.began)
