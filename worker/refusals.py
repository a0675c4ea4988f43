"""Jobs that this process cannot run: a job of another version waits for a worker of that version, anything else is refused.

While a new version is rolled out, old workers lease jobs that only the new one has. They are parked, and come again soon.
"""

import logging
import re
from datetime import timedelta

import clock
from engine.registry import UnknownJob
from errors import DataError, NotNow, TrawlError
from state.engine import leases, payload, quarantined
from state.store import connection
from worker import outcomes

log = logging.getLogger("trawl.worker")

#: For so long (s) a job waits for a version that has it. Then it is refused.
ROLLED_OUT_S = 3600

#: Seconds until it is tried again, perhaps by a newer worker.
AGAIN_S = 10

JOB = re.compile(r"jobs\.[a-z_][a-z0-9_]{0,60}\.[A-Za-z_][A-Za-z0-9_]{0,60}")


def settled(job: leases.Leased, error: DataError) -> leases.Settlement:
    """The outcome of a job that cannot be read or is not known here: parked, or refused."""
    path = _of_another_version(job, error)
    if path is None:
        return outcomes.of_error(job, "refused", error)
    again = clock.now() + timedelta(seconds=AGAIN_S)
    return outcomes.of_error(job, path, NotNow(again, f"no job of this worker's version: {path}"))


def quarantine(job: leases.Leased, error: DataError) -> None:
    """Keep a record of what was refused. A failure to keep the record holds up no other job."""
    if _of_another_version(job, error):
        return
    try:
        with connection.errors_translated():
            quarantined.put(job, str(error))
    except (TrawlError, connection.ResponseError) as exc:
        log.warning("%s", exc, extra={"job": job.id, "refused": str(error)})


def _of_another_version(job: leases.Leased, error: DataError) -> str | None:
    """The function of a job that another version may have; None once it has waited long enough."""
    if not isinstance(error, UnknownJob):
        return None
    path = payload.of_job(job.fields.get(b"data", b""))[0]
    since = job.fields.get(b"parked_since", b"")
    waited_s = clock.now().timestamp() - int(since) if since.isdigit() and len(since) < 12 else 0.0
    return path if JOB.fullmatch(path) and waited_s < ROLLED_OUT_S else None
