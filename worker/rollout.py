"""A new version is rolled out: jobs of the one version come to workers of the other. They wait for a worker that knows them."""

from datetime import timedelta
from typing import Any

import clock
from errors import NotNow
from state.engine import leases

#: For so long (s) a job waits for a version that has it. Then it fails.
ROLLED_OUT_S = 3600

#: Seconds until it is tried again, perhaps by a newer worker.
AGAIN_S = 10

_traceback_of: Any = vars(BaseException)["__traceback__"].__get__


def again(job: leases.Leased, reason: str) -> NotNow | None:
    """What parks the job for a moment; None once it has waited long enough."""
    since = job.fields.get(b"parked_since", b"")
    waited_s = clock.now().timestamp() - int(since) if since.isdigit() and len(since) < 12 else 0.0
    return NotNow(clock.now() + timedelta(seconds=AGAIN_S), reason) if waited_s < ROLLED_OUT_S else None


def of_call(error: BaseException, job: leases.Leased, path: str) -> BaseException:
    """The error itself; but what parks the job where its arguments do not fit the function, so that no line of it ran.

    To be called where the function is called: the trace of the error then ends in the caller.
    """
    trace = _traceback_of(error) if issubclass(type(error), TypeError) else None  # its class may be a job's own, and lie
    if trace is None or trace.tb_next is not None:
        return error
    return again(job, f"its arguments do not fit this worker's version: {path}") or error
