"""Everything that is known of one job, for a page about it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from models import Stop
from state.engine import job_looks, relatives
from state.engine.job_looks import Look
from state.engine.relatives import Relatives
from state.scraping.ledgers import Ledger
from state.store import connection
from topics.operations import arguments, attempts, job_waits, jobs, ledger_jobs, results, states, timeline, why
from topics.operations.attempts import Attempt
from topics.operations.job_records import Job
from topics.operations.jobs import JobProgress
from topics.operations.results import Shown
from topics.operations.timeline import Span


@dataclass(frozen=True, slots=True)
class Details:
    """A job with what surrounds it. `condition`: its state in a word of why.py. `place`: jobs before it, None = nobody can tell.

    `arguments` None: they are gone, or too many to show. `whole`: it is a batch or crawl.
    """

    job: Job
    progress: JobProgress
    condition: str
    reasons: list[Stop]
    place: int | None
    length: int | None
    attempts: list[Attempt]
    spans: list[Span]
    arguments: dict[str, Any] | None
    result: Shown | None
    relatives: Relatives
    whole: str
    part_of: str | None


def of(job: Job) -> Details:
    """What is known of a job that was found. Reads only."""
    with connection.errors_translated():
        ledger = ledger_jobs.ledger_of(job)
        look = job_looks.at(job.id) if job.kept and not ledger and job.status not in states.ENDED else None
    near = Relatives([], []) if ledger or not job.kept else relatives.of(job.id, jobs.again_id(job.id))
    condition, reasons = _waits(job, look, ledger)
    found = attempts.of(job)
    is_placed = look is not None and look.place >= 0 and condition in ("queued", "blocked")
    since = look.fields.get("parked_since", "") if look else ""
    return Details(
        job=job,
        progress=jobs.progress_of(job, look.now if look else job.ended_at),
        condition=condition,
        reasons=reasons,
        place=look.place if look and is_placed else None,
        length=look.length if look and is_placed else None,
        attempts=found,
        spans=timeline.of(job, [] if ledger else found, datetime.fromtimestamp(int(since), UTC) if since.isdigit() else None),
        arguments=arguments.known(ledger, near.data),
        result=results.shown(job) if job.kept and not ledger else None,
        relatives=near,
        whole=ledger.kind if ledger else "",
        part_of=ledger_jobs.part_of(job.id),
    )


def _waits(job: Job, look: Look | None, ledger: Ledger | None) -> tuple[str, list[Stop]]:
    """Its condition in a word, and why it does not run now; of a job that ended nothing is to be told."""
    with connection.errors_translated():
        if look is not None and look.is_there:
            return job_waits.of(look)
        if ledger is not None and job.status not in states.ENDED:
            told = why.of_ledger(ledger)
            return told.state, told.reasons
    return job.status.value, []
