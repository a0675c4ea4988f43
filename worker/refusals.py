"""Jobs that this process cannot run: a job of another version waits for a worker of that version, anything else is refused.

While a new version is rolled out, old workers lease jobs that only the new one has (worker/rollout.py).
"""

import logging
import re

from engine.registry import UnknownJob
from errors import DataError, TrawlError
from state.engine import leases, payload, quarantined
from state.store import connection
from worker import outcomes, rollout

log = logging.getLogger("trawl.worker")

JOB = re.compile(r"jobs\.[a-z_][a-z0-9_]{0,60}\.[A-Za-z_][A-Za-z0-9_]{0,60}")


def settled(job: leases.Leased, error: DataError) -> leases.Settlement:
    """The outcome of a job that cannot be read or is not known here: parked, or refused."""
    path = _of_another_version(error, job)
    again = rollout.again(job, f"no job of this worker's version: {path}") if path else None
    return outcomes.of_error(job, path, again) if path and again else outcomes.of_error(job, "refused", error)


def quarantine(job: leases.Leased, error: DataError) -> None:
    """Keep a record of what was refused. A failure to keep the record holds up no other job."""
    if _of_another_version(error, job) and rollout.again(job, ""):
        return
    try:
        with connection.errors_translated():
            quarantined.put(job, str(error))
    except (TrawlError, connection.ResponseError) as exc:
        log.warning("%s", exc, extra={"job": job.id, "refused": str(error)})


def _of_another_version(error: DataError, job: leases.Leased) -> str | None:
    """The function of a job that another version may have."""
    if not isinstance(error, UnknownJob):
        return None
    path = payload.of_job(job.fields.get(b"data", b""))[0]
    return path if JOB.fullmatch(path) else None
