"""Pages of API keys: taken before a job is queued, given back when it is over and has not fetched them.

A page counts that was fetched and read. One that was blocked, failed, skipped or cancelled costs nothing. A job that succeeds
says so itself (`fetched`). What other jobs left is found when somebody asks, or has too few pages (`settle_over`).
"""

import itertools
from collections.abc import Iterator, Sequence

import chunks
import clock
import errors
from engine import ownership
from state.access import quotas
from state.engine import history, jobs, records
from state.scraping import ledgers

#: Statuses of RQ after which a job does nothing more.
OVER = frozenset({"finished", "failed", "canceled", "stopped"})

#: A job of which nobody knows anything is believed to come for so long (s): it is queued right after its pages are taken.
COMING_S = 600

#: Jobs looked at for one answer, at most: the others are, when those are over.
MOST_LOOKED_AT = 20_000


def reserve(new: Sequence[jobs.NewJob]) -> None:
    """Take the pages of jobs, all or none. Raises OutOfPages. Safe to repeat. One round trip for 500 jobs of one owner."""
    by_owner: dict[str, list[jobs.NewJob]] = {}
    for job in new:
        if job.pages:
            by_owner.setdefault(job.owner, []).append(job)
    done: list[jobs.NewJob] = []
    for owner, of_owner in by_owner.items():
        for some in chunks.of(of_owner, records.CHUNK):
            left = _taken(owner, [(job.id, job.pages) for job in some])
            if left is not None:
                give_back(done)
                raise out_of_pages(sum(job.pages for job in new), left)
            done += some


def _taken(owner: str, wanted: Sequence[tuple[str, int]]) -> int | None:
    """Take the pages of jobs; None where there were enough, else how many are left. Jobs that are over give theirs back."""
    is_taken, left = quotas.reserve(owner, wanted)
    if not is_taken and settle_over(owner):
        is_taken, left = quotas.reserve(owner, wanted)
    return None if is_taken else left


def more(owner: str, ledger_id: str, pages: int, done: int) -> None:
    """Take pages for a batch or crawl that goes on and has fetched `done` so far. Raises OutOfPages."""
    if not owner or pages <= 0:
        return
    held = quotas.held(owner, ledger_id)
    if held:  # from before it was stopped: perhaps fewer pages than it may fetch now
        quotas.settle(owner, ledger_id, max(0, done - held.base))
    settle_over(owner)
    is_taken, left = quotas.reserve(owner, [(ledger_id, pages)], done)
    if not is_taken:
        raise out_of_pages(pages, left)


def out_of_pages(wanted: int, left: int) -> errors.OutOfPages:
    """The error of a key that has too few pages left."""
    return errors.OutOfPages(
        f"This needs up to {wanted:,} pages; the API key has {left:,} left this month. Ask for fewer (expected_pages, limit), "
        "wait until the first of the next month, or have its quota raised (`apikey set`)."
    )


def give_back(new: Sequence[jobs.NewJob]) -> None:
    """Give the pages of jobs back that were not queued."""
    for job in new:
        if job.pages:
            quotas.settle(job.owner, job.id, 0)


def fetched(job_id: str, pages: int = 1) -> None:
    """The job that runs here fetched its pages."""
    owner = ownership.current_owner()
    if owner:
        quotas.settle(owner, job_id, pages)


def settle_over(owner: str) -> int:
    """Give back what jobs of this owner left that are over; returns pages. Others did it in the last seconds: then nothing."""
    if not quotas.may_count(owner):
        return 0
    given_back = 0
    for some in chunks.of(itertools.islice(quotas.open_of(owner), MOST_LOOKED_AT), records.CHUNK):
        for held, done in _over(some):
            given_back += max(0, quotas.settle(owner, held.job_id, done))
    return given_back


def _over(some: Sequence[quotas.Taken]) -> Iterator[tuple[quotas.Taken, int]]:
    """Those of these jobs that are over, with the pages that each fetched since they were taken. Two round trips for most."""
    found = [record.get("status") for record in records.read([held.job_id for held in some])]
    ended = [
        (held, status) for held, status in zip(some, found, strict=True) if status is None or status in OVER or held.pages > 1
    ]
    books = ledgers.read_many([held.job_id for held, _ in ended])
    for (held, status), ledger in zip(ended, books, strict=True):
        done = _of_job(held, status) if ledger is None else _of_ledger(held, status, ledger)
        if done is not None:
            yield held, done


def _of_ledger(held: quotas.Taken, status: str | None, ledger: ledgers.Ledger) -> int | None:
    """The pages of a batch or crawl; None while it is not over. One that never began has none: its first job failed."""
    if ledger.state == "opening":
        return 0 if status in OVER else None
    return max(0, ledger.done - held.base) if ledger.is_over and not ledger.in_flight else None


def _of_job(held: quotas.Taken, status: str | None) -> int | None:
    """The pages of a single job that is over; None where it is not, or may still come."""
    if status is not None and status not in OVER:
        return None
    if status is None:
        ended = history.find(held.job_id)
        if ended is None:
            return 0 if clock.now().timestamp() - held.since_s > COMING_S else None
        status = ended.outcome
    return held.pages if status == "finished" else 0
