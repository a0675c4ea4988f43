"""One job moved to another queue by hand; many are by `bulk`."""

import queues
from errors import WrongState
from state.engine import moving
from state.store import connection
from topics.operations import bulk, ledger_jobs
from topics.operations.job_records import Job


def move(job: Job, queue: str) -> str:
    """Move a job that waits or is delayed to a queue; returns the name of that. Safe to repeat.

    Raises ArgumentError for what is no queue, and WrongState for a job that runs, has ended, or is a batch or crawl.
    """
    name = queues.named(queue)
    if ledger_jobs.is_whole(job):
        raise WrongState(f"{job.id} is a batch or crawl: its pages wait in no queue of their own.", ())
    with connection.errors_translated():
        [became] = moving.move([job.id], name)
    if became not in ("moved", "there"):
        raise WrongState(f"Job {job.id} is not moved: {bulk.UNMOVED[became]}.", ())
    return name


def higher(job: Job) -> str:
    """The queue above that of a job; "" = there is none."""
    at = queues.QUEUES.index(job.queue) if job.queue in queues.QUEUES else 0
    return queues.QUEUES[at - 1] if at else ""
