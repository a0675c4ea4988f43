"""Jobs by their ids: their state, progress and end, and what can be done with them by hand."""

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import models
import queues
from errors import NotFound, WrongState
from models import JobStatus
from state.engine import children, delayed, history, hourly, jobs, payload, records
from state.store import connection
from topics.operations import job_records, ledger_jobs, states
from topics.operations.job_records import Job, Progress
from topics.scraping import stored

#: Hours whose executions tell how long a job of a kind takes.
MEASURED_HOURS = 24

#: A job that has not ended is done to so much (%) at most.
MOST_PERCENT = 99.0

#: Suffix of the id of a job that runs another one again: `<id>-r1`, `<id>-r2` …
AGAIN, MOST_ROOT = "-r", 190


@dataclass(frozen=True, slots=True)
class JobProgress:
    """How far a job is. `progress_percentage` None: nobody can tell. `basis`: what the estimate rests on; '' = there is none."""

    job_id: str
    status: JobStatus
    state: str
    step: int | None
    total: int | None
    message: str
    details: dict[str, Any]  # what the job tells beside it; {} = nothing
    progress_percentage: float | None
    running_s: float | None
    eta_s: float | None
    estimated_completion: datetime | None
    basis: str


def get_job_status(job_id: str) -> Job:
    """A job of this moment, or as it ended; by the id of a batch or crawl the whole of that. Reads only.

    Raises NotFound where neither Redis nor the history has it.
    """
    found = find(job_id)
    if found is None:
        raise unknown(job_id)
    return _with_place(found) if found.kind == ledger_jobs.SCRAPE else found


def find(job_id: str, look: history.Look | None = None) -> Job | None:
    """The same, without where its result lies; None where neither Redis nor the history has it. Reads only.

    The history is asked last: a batch or crawl is polled for longer than RQ keeps its first job. `look`: see `history.page`.
    """
    if not queues.JOB_ID.fullmatch(job_id):
        return None
    with connection.errors_translated():
        return ledger_jobs.find_many([job_id])[0] or job_records.of_history(job_id, look)


def status_of(made: models.Submission) -> JobStatus:
    """The state of a job that was submitted: of one that was there before as it is now. Reads only."""
    found = find(made.job_id) if made.place is None else None
    return found.status if found else JobStatus.PENDING


def unknown(job_id: str) -> NotFound:
    """What is said of an id that names no job."""
    return NotFound(f"No job {job_id!r:.80}: it never existed, or ended longer ago than HISTORY_DAYS.")


def _with_place(job: Job) -> Job:
    """A scrape tells where its result lies."""
    with connection.errors_translated():
        place = stored.place(job.id)
    return replace(job, result_place=place and f"{place}; `python manage.py scrape result {job.id}` writes it")


def update_job_status(job_id: str, status: str | JobStatus) -> Job:
    """Move a job to another state by hand, as far as `states.BY_HAND` allows; returns it as it is then.

    `cancelled` cancels it. `pending` runs a delayed one at once, and one that failed or was cancelled again, under a new id.
    Raises NotFound, ArgumentError for what is no state, and WrongState, which says what is allowed.
    """
    wanted, now = states.named(status), get_job_status(job_id)
    if wanted is now.status and now.status not in states.ENDED:
        return now
    states.check(job_id, now.status, wanted)
    if wanted is JobStatus.CANCELLED:
        cancel_job(job_id)
        return get_job_status(job_id)
    if now.status in states.ENDED:
        if ledger_jobs.go_on(job_id):
            return get_job_status(job_id)
        return get_job_status(retry_job(job_id).job_id)
    with connection.errors_translated():
        moved = delayed.run_now(job_id, now.queue)
    if not moved:
        raise WrongState(f"Job {job_id} is {get_job_status(job_id).status} by now.", ())
    return get_job_status(job_id)


def cancel_job(job_id: str) -> bool:
    """Cancel a job that waits, is blocked or parked; ask one that runs to stop. Returns whether there was anything to cancel.

    A running job ends at its next `progress()`, or is interrupted within seconds; of a batch or crawl pages in flight end. What
    it waits for is cancelled with it. Raises NotFound. Safe to repeat.
    """
    with connection.errors_translated():
        before = ledger_jobs.stop(job_id) if queues.JOB_ID.fullmatch(job_id) else None
        if before not in (None, "opening"):  # one that is opening has a job that waits
            return before == "running"
        was = queues.cancel(job_id)
        if was in children.CANCELLABLE:
            ledger_jobs.stop_all(children.below(job_id))
    return states.OF_RQ.get(was) not in states.ENDED


def retry_job(job_id: str) -> models.Submission:
    """Run a job again that failed or was cancelled: the same call, queue and labels under the id `<id>-r1`, then `-r2` …

    RQ's record of the failure stays. Once the job was run again, the answer names that job, and queues nothing. Raises NotFound
    where its record is gone, and WrongState where it did not fail.
    """
    with connection.errors_translated():
        fields, data = records.read([job_id])[0], jobs.data_of(job_id)
    found = job_records.of_record(job_id, fields)
    if found is None or not data:
        raise NotFound(f"No record of job {job_id!r:.80}: Redis keeps the call of a failed job for a week. Submit it anew.")
    if JobStatus.PENDING not in states.BY_HAND[found.status] or found.status not in states.ENDED:
        allowed = states.BY_HAND[found.status]
        raise WrongState(f"Job {job_id} is {found.status}: only one that failed or was cancelled can be run again.", allowed)
    again = again_id(job_id)
    with connection.errors_translated():
        if records.exists(again):
            return models.Submission(again, found.queue, duplicate_of=again)
    return _submit_again(found, fields, data, again)


def run_again(job: Job) -> models.Submission:
    """Run a job again that ended, a delayed one at once; go on with a batch or crawl that was stopped. Raises as `retry_job`."""
    if job.status in states.ENDED and not ledger_jobs.is_one(job.id):
        return retry_job(job.id)
    again = update_job_status(job.id, JobStatus.PENDING)
    return models.Submission(again.id, again.queue)


def again_id(job_id: str) -> str:
    """The id under which a job runs again.

    >>> again_id("x"), again_id("x-r1")
    ('x-r1', 'x-r2')
    """
    root, _, number = job_id.rpartition(AGAIN)
    root, count = (root, int(number)) if root and number.isdigit() and len(number) < 6 else (job_id, 0)
    return f"{root[:MOST_ROOT]}{AGAIN}{count + 1}"


def _submit_again(found: Job, fields: dict[str, str], data: bytes, again: str) -> models.Submission:
    path, args, kwargs = payload.of_job(data)
    labels = {name: value for name in ("host", "tag", "project") if (value := getattr(found, name))}
    claim = fields.get("claim")
    call = models.Call(queues.function(path), tuple(args), kwargs, queue=found.queue or None, job_id=again, labels=labels)
    call.dedup_key, call.retry_of, call.owner = claim, found.id, found.owner
    [submission] = queues.submit_many([call])
    return submission


def get_job_progress(job_id: str) -> JobProgress:
    """How far a job is, and when it will probably end. Raises NotFound. Reads only.

    A job that counts its steps is judged by them; another by how long jobs of its kind took in the last 24 hours.
    """
    return progress_of(get_job_status(job_id))


def progress_of(job: Job, now: datetime | None = None) -> JobProgress:
    """The same, of a job that was looked at; `now`: the server's time of that look, where it is known."""
    now = now or connection.now()
    running_s = max(0.0, (now - job.started_at).total_seconds()) if job.status is JobStatus.RUNNING and job.started_at else None
    percentage, eta_s, basis = _estimate(job, running_s)
    told = job.progress
    return JobProgress(
        job_id=job.id,
        status=job.status,
        state=job.state,
        step=told.step if told else None,
        total=told.total if told else None,
        message=told.message if told else "",
        details=told.details if told else {},
        progress_percentage=percentage,
        running_s=running_s if running_s is not None else job.ran_s,
        eta_s=eta_s,
        estimated_completion=now + timedelta(seconds=eta_s) if eta_s is not None else job.ended_at,
        basis=basis,
    )


def _estimate(job: Job, running_s: float | None) -> tuple[float | None, float | None, str]:
    """Percentage, seconds to go, and by what."""
    if job.status is JobStatus.COMPLETED:
        return 100.0, None, ""
    share = _share_of_steps(job.progress)
    percentage = None if share is None else _percent(share)
    if running_s is None:
        return 0.0 if percentage is None and job.status not in states.ENDED else percentage, None, ""
    if share:
        return percentage, running_s * (1 - share) / share, "its own steps"
    usual_s = usual_duration_s(job.kind)
    if not usual_s:
        return percentage, None, ""
    left = usual_s - running_s if running_s < usual_s else None  # it takes longer than usual: nobody can tell
    measured = f"jobs of the kind {job.kind} in the last {MEASURED_HOURS} h"
    return _percent(running_s / usual_s) if percentage is None else percentage, left, measured


def _share_of_steps(told: Progress | None) -> float | None:
    """The share of its steps that a job says it has done; None where it does not know how many there are."""
    return min(1.0, max(0.0, told.step / told.total)) if told and told.total and told.total > 0 else None


def _percent(share: float) -> float:
    return round(min(MOST_PERCENT, 100 * share), 1)  # it is done when it has ended


def usual_duration_s(kind: str) -> float | None:
    """How long executions of a kind took that succeeded in the last 24 hours, on the average; None where there was none."""
    average = hourly.total(hourly.latest(MEASURED_HOURS)).average_ms("finished", kind=kind)
    return None if average is None or not math.isfinite(average) else average / 1000
