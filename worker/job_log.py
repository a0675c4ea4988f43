"""What the log says of each job: received, completed or failed, with how long it took.

Lines are at DEBUG, or at INFO for jobs that took LOG_SLOW_JOB_S. Failures are logged by outcomes.py, with the same facts. Whether
jobs are logged at all is asked once for many jobs: `threshold_s`.
"""

import logging
import math
from contextlib import suppress
from datetime import datetime

import clock
import config
import queues
from errors import ArgumentError
from worker.execution import Execution

log = logging.getLogger("trawl.job")


def threshold_s() -> float:
    """Jobs that ran at least so long (s) are logged. 0 = all jobs, and also when they are received."""
    slow_s = float(config.settings().log_slow_job_s)
    if log.isEnabledFor(logging.DEBUG):
        return 0.0
    return slow_s if log.isEnabledFor(logging.INFO) else math.inf


def received(execution: Execution) -> None:
    """Log that a job was leased."""
    level = logging.DEBUG if config.settings().log_slow_job_s else logging.INFO
    log.log(level, "Job received: %s", execution.call.path, extra=_names(execution))


def completed(execution: Execution) -> None:
    """Log that a job succeeded."""
    level = logging.INFO if _took_s(execution) >= config.settings().log_slow_job_s else logging.DEBUG
    log.log(level, "Job completed: %s", execution.call.path, extra=facts(execution))


def facts(execution: Execution) -> dict[str, object]:
    """The fields of a log line about a job that ended: `ms` it ran, and `waited_ms` from its submit until it began."""
    took_s = _took_s(execution)
    found = {**_names(execution), "ms": round(1000 * took_s)}
    try:
        queued_at = datetime.fromisoformat(execution.job.fields[b"enqueued_at"].decode()).timestamp()
    except (KeyError, ValueError):
        return found
    return {**found, "waited_ms": round(1000 * max(0.0, clock.now().timestamp() - took_s - queued_at))}


def _names(execution: Execution) -> dict[str, object]:
    path, job, kind = execution.call.path, execution.job, ""
    with suppress(ArgumentError):  # only a test runs a function that is not registered
        kind = queues.spec_of(path).kind
    return {"job": job.id, "function": path, "kind": kind, "queue": job.queue}


def _took_s(execution: Execution) -> float:
    return max(0.0, (execution.ended or clock.monotonic()) - execution.began)
