"""A batch or crawl as a job: its first job ends within seconds, but people mean the whole of it by that id."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from models import JobStatus
from state.scraping import ledger_looks, ledgers
from state.scraping.ledgers import Ledger
from topics.operations import states
from topics.operations.job_records import Job, Progress, of_record
from topics.scraping import crawl, progress

#: The kind of jobs of scrapes.
SCRAPE = "scrape"

#: How the descriptions of jobs of scrapes begin that begin no batch and no crawl.
OTHERS = tuple(f"jobs.scrape.{name}(" for name in ("scrape_url", "map_site", "process_content", "clean_data", "reparse"))

#: The id of a job that fetches pages of a batch or crawl: <its id>-<lane>-<round>.
LANE = re.compile(r"[0-9a-f]{32}-\d+-\d+")

#: What a batch or crawl tells of its pages.
COUNTS = ("found", "done", "pending", "skipped", "failed", "credits")

#: The state of a ledger → that of a job. One that is partial says so in the message of its progress.
STATUS = {
    "running": JobStatus.RUNNING,
    "stopped": JobStatus.CANCELLED,
    "complete": JobStatus.COMPLETED,
    "partial": JobStatus.COMPLETED,
    "failed": JobStatus.FAILED,
}


def _as_found(number: int, job: Job | None) -> Job | None:
    return job


def wholes(job_ids: Sequence[str], found: Sequence[Job | None]) -> list[Job | None]:
    """Jobs; one that began a batch or crawl as the whole of it, also where only that is left. One round trip, reads only."""
    asked = [job_id for job_id, job in zip(job_ids, found, strict=True) if _may_be_one(job_id, job)]
    books = {ledger.id: ledger for ledger in ledgers.read_many(asked) if ledger}
    return [_whole(job, books.get(job_id)) for job_id, job in zip(job_ids, found, strict=True)]


def find_many(job_ids: Sequence[str], told: Callable[[int, Job | None], Job | None] = _as_found) -> list[Job | None]:
    """The same of jobs that nobody has read yet; None where there is neither. One round trip, reads only.

    `told`: what is told instead of a job that was found, by its number among them.
    """
    found: list[Job | None] = []
    for number, (job_id, (record, ledger)) in enumerate(zip(job_ids, ledger_looks.with_records(job_ids), strict=True)):
        job = told(number, of_record(job_id, record))
        found.append(_whole(job, ledger) if _may_be_one(job_id, job) else job)
    return found


def part_of(job_id: str) -> str | None:
    """The batch or crawl whose pages this job fetches; None where it is no such job."""
    return job_id[:32] if LANE.fullmatch(job_id) else None


def _may_be_one(job_id: str, job: Job | None) -> bool:
    may_begin_one = job is None or (job.kind == SCRAPE and not job.description.startswith(OTHERS))
    return may_begin_one and not part_of(job_id)


def _forgotten(ledger: Ledger) -> Job:
    """The first job of a batch or crawl, of which RQ knows nothing more."""
    return Job(
        id=ledger.id,
        status=JobStatus.COMPLETED,
        state=states.CELERY[JobStatus.COMPLETED],
        queue=ledger.fields.get("queue", ""),
        kind=SCRAPE,
        description=f"{ledger.kind}({ledger.fields.get('url', '')})",
        created_at=ledger.at("created_ms"),
        owner=ledger.owner,
        kept=False,
    )


def _whole(job: Job | None, ledger: Ledger | None) -> Job | None:
    seen = progress.read(ledger) if ledger else None
    if ledger is None or seen is None or seen.state not in STATUS:  # one that is opening has a job, or never will
        return job
    job = job or _forgotten(ledger)
    status, counts = STATUS[seen.state], seen.counts
    says = "; ".join([seen.state, *seen.reasons])
    details = {name: counts[name] for name in COUNTS}
    began, ended = seen.started_at or job.started_at, seen.ended_at if status in states.ENDED else None
    return replace(
        job,
        status=status,
        state=states.CELERY[status],
        started_at=began,
        ended_at=ended,
        ran_s=(ended - began).total_seconds() if began and ended else None,
        progress=Progress(*seen.steps, says, details),
    )


def stop(job_id: str) -> str | None:
    """Stop the batch or crawl of that id; pages in flight end. Returns the state it was in; None where that id is none."""
    return crawl.stop(job_id, "cancelled") if is_one(job_id) else None


def stop_all(job_ids: Sequence[str]) -> None:
    """Stop those of them that are batches or crawls, and are not over. Safe to repeat."""
    for ledger in filter(None, ledgers.read_many(job_ids)):
        if not ledger.is_over:
            crawl.stop(ledger.id, "cancelled")


def go_on(job_id: str) -> bool:
    """Go on with a batch or crawl that was stopped; False where that id is none. Raises DataError where nothing is pending."""
    return is_one(job_id) and crawl.go_on(job_id) > 0


def is_whole(job: Job) -> bool:
    """Whether a job that was looked at is told as the whole of its batch or crawl."""
    return job.kind == SCRAPE and job.progress is not None and set(job.progress.details) == set(COUNTS)


def ledger_of(job: Job) -> Ledger | None:
    """What is known of the batch or crawl that a job is; None where it is neither."""
    may_be_one = is_whole(job) or (job.kept and job.kind == SCRAPE and _may_be_one(job.id, job))
    return ledgers.read(job.id) if may_be_one else None


def is_one(job_id: str) -> bool:
    """Whether a batch or crawl has that id."""
    return ledgers.read(job_id) is not None
