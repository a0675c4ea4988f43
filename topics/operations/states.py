"""The states of a job in our words, RQ's and Celery's; and which state may follow which by hand.

| ours | RQ's | Celery's |
|---|---|---|
| pending | queued, deferred | PENDING |
| running | started | PROGRESS |
| completed | finished | SUCCESS |
| failed | failed | FAILURE |
| cancelled | canceled, stopped | REVOKED |
| retry | scheduled, after a failure | PENDING |
| scheduled | scheduled | PENDING |
| parked | scheduled, with a reason | PENDING |

The engine moves a job from pending to running and on. By hand a job is cancelled, run at once, or run again.
"""

from collections.abc import Mapping

from errors import ArgumentError, WrongState
from models import JobStatus

#: By RQ's word; `scheduled` has three meanings, see `of_record`.
OF_RQ = {
    "queued": JobStatus.PENDING,
    "deferred": JobStatus.PENDING,
    "started": JobStatus.RUNNING,
    "finished": JobStatus.COMPLETED,
    "failed": JobStatus.FAILED,
    "canceled": JobStatus.CANCELLED,
    "stopped": JobStatus.CANCELLED,
    "scheduled": JobStatus.SCHEDULED,
}

CELERY = {
    JobStatus.PENDING: "PENDING",
    JobStatus.RUNNING: "PROGRESS",
    JobStatus.COMPLETED: "SUCCESS",
    JobStatus.FAILED: "FAILURE",
    JobStatus.CANCELLED: "REVOKED",
    JobStatus.RETRY: "PENDING",
    JobStatus.SCHEDULED: "PENDING",
    JobStatus.PARKED: "PENDING",
}

#: What other systems call a state, besides the words of the table.
OTHERS = {"success": JobStatus.COMPLETED, "failure": JobStatus.FAILED, "revoked": JobStatus.CANCELLED}
OTHERS |= {"progress": JobStatus.RUNNING, "canceled": JobStatus.CANCELLED, "received": JobStatus.PENDING}

#: States after which a job does nothing more.
ENDED = frozenset({JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED})

#: What a job may become by hand.
BY_HAND: dict[JobStatus, tuple[JobStatus, ...]] = {
    JobStatus.PENDING: (JobStatus.CANCELLED,),
    JobStatus.RUNNING: (JobStatus.CANCELLED,),
    JobStatus.COMPLETED: (),
    JobStatus.FAILED: (JobStatus.PENDING,),
    JobStatus.CANCELLED: (JobStatus.PENDING,),
    JobStatus.RETRY: (JobStatus.PENDING, JobStatus.CANCELLED),
    JobStatus.SCHEDULED: (JobStatus.PENDING, JobStatus.CANCELLED),
    JobStatus.PARKED: (JobStatus.PENDING, JobStatus.CANCELLED),
}


def of_record(fields: Mapping[str, str]) -> JobStatus | None:
    """The state that a job's record tells; None where it tells none."""
    found = OF_RQ.get(fields.get("status", ""))
    if found is not JobStatus.SCHEDULED:
        return found
    if "parked" in fields:
        return JobStatus.PARKED
    return JobStatus.RETRY if "error_category" in fields else found


def named(word: str) -> JobStatus:
    """The state of that name in any of the three systems, in any case. Raises ArgumentError.

    >>> named("SUCCESS"), named("canceled"), named("parked")
    (<JobStatus.COMPLETED: 'completed'>, <JobStatus.CANCELLED: 'cancelled'>, <JobStatus.PARKED: 'parked'>)
    """
    text = str(word).strip().lower()
    ours = {state.value: state for state in JobStatus}
    if found := ours.get(text) or OF_RQ.get(text) or OTHERS.get(text):
        return found
    raise ArgumentError(f"no state {word!r:.40}: there are {', '.join(ours)}.")


def check(job_id: str, now: JobStatus, wanted: JobStatus) -> None:
    """Raise WrongState where a job that is `now` cannot become what is wanted by hand."""
    allowed = BY_HAND[now]
    if wanted not in allowed:
        what = f"it can become {' or '.join(allowed)} by hand" if allowed else "it stays as it is"
        raise WrongState(f"Job {job_id} is {now}, and cannot become {wanted}: {what}.", allowed)
