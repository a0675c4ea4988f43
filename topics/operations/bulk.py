"""Bulk actions: run again, cancel or move many jobs. They are counted before, and acted on by a job that any kill may interrupt.

The job first collects the ids of all jobs that are meant, then acts on one block of them after the other. Its record says which
block was begun: only that one is looked at twice, so each job is run again once and counted once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import clock
import wording
from errors import BudgetError, DataError
from models import JobStatus
from parsing import message_shapes
from state.engine import bulk_records, moving
from state.engine.bulk_records import Progress
from state.store import connection
from topics.operations import bulk_asks, failures, job_records, jobs, ledger_jobs, search, states
from topics.operations.bulk_asks import Ask
from topics.operations.job_records import Job

#: Jobs looked at for a count at most, and the time for it (s).
MOST_COUNTED, COUNT_S = 5000, 1.5

#: Jobs of one block, jobs collected at most, and different reasons that are kept.
BLOCK, MOST, MOST_REASONS = 100, 1_000_000, 20

OTHER_REASONS = "other reasons"

#: Why a job is not moved (state/engine/lua/move.lua).
UNMOVED = {
    "there": "it waits in that queue already",
    "running": "it runs already",
    "ended": "it has ended",
    "gone": "there is no such job any more",
    "away": "another process is moving it just now",
}

#: A delayed job that is in such a state has gone on.
WENT_ON = frozenset({JobStatus.PENDING, JobStatus.RUNNING, JobStatus.COMPLETED})

RUN_BEFORE = "it was run again before"

Tell = Callable[[int, int | None, str], object]


@dataclass(frozen=True, slots=True)
class Counted:
    """How many jobs an action would touch, at a time. Not exact: at least so many, and the job counts the rest."""

    number: int
    is_exact: bool
    at: datetime
    looked: int = 0

    @property
    def words(self) -> str:
        """The jobs as people read it: `1 job`, `at least 5,000 jobs`."""
        if self.is_exact:
            return wording.pluralize(self.number, "job")
        if not self.number:
            return f"all jobs that match, none of which is among the {self.looked:,} looked at so far"
        return f"at least {wording.pluralize(self.number, 'job')}"


def count(ask: Ask) -> Counted:
    """How many jobs it would touch; bounded in work and time. Reads only."""
    if ask.ids:
        return Counted(len(_named(ask)[0]), True, ask.asked_at)
    number, looked, cursor, until = 0, 0, "", clock.monotonic() + COUNT_S
    wanted = failures.narrowed(ask.wanted)
    while True:
        page = search.page(wanted, search.MOST, cursor)
        number, looked, cursor = number + len(_meant(ask, page.jobs)), looked + page.looked, page.cursor
        if not cursor or looked >= MOST_COUNTED or clock.monotonic() > until:
            return Counted(number, not cursor, ask.asked_at, looked)


def run(told: dict[str, Any], job_id: str, tell: Tell) -> dict[str, Any]:
    """Do what was asked; returns how many jobs were done, and why others were refused. `job_id` names the record; safe to repeat.

    `tell` hears how far it is; what it raises ends the run, which the next one goes on with.
    """
    ask = bulk_asks.read(told)
    with connection.errors_translated():
        now = bulk_records.read(job_id)
        _collect(ask, job_id, now, tell)
        while now.at < now.blocks:
            _act_on_block(ask, job_id, now)
            done_to = bulk_asks.WORDS[ask.action][1]
            tell(now.done + now.refused, now.matched, f"{now.done:,} {done_to}, {now.refused:,} refused")
        bulk_records.forget_ids(job_id)
    reasons = [{"says": says, "count": number, "example": now.examples[says]} for says, number in now.reasons.items()]
    return {"action": ask.action, "matched": now.matched, "done": now.done, "refused": now.refused, "reasons": reasons}


def _collect(ask: Ask, job_id: str, now: Progress, tell: Tell) -> None:
    """Note the ids of all jobs that are meant."""
    wanted = failures.narrowed(ask.wanted)
    while not now.is_collected:
        if ask.ids:
            ids, unseen = _named(ask)
            now.blocks, now.matched, now.reasons, now.examples = 0, 0, {}, {}  # it may have been killed in the middle
            _refuse(now, "there is no such job", *unseen)
            now.matched += len(unseen)
        else:
            page = search.page(wanted, BLOCK, now.cursor)
            ids, now.cursor = _meant(ask, page.jobs), page.cursor
        blocks = [ids[at : at + BLOCK] for at in range(0, len(ids), BLOCK)] or [[]]
        for number, block in enumerate(blocks, 1):
            now.blocks, now.matched = now.blocks + bool(block), now.matched + len(block)
            now.is_collected = number == len(blocks) and (bool(ask.ids) or not now.cursor or now.matched >= MOST)
            bulk_records.write(job_id, now, block)
        tell(0, None, f"{now.matched:,} jobs found")


def _named(ask: Ask) -> tuple[list[str], list[str]]:
    """The jobs that were named and may be seen by whoever asked, and the others."""
    with connection.errors_translated():
        found = ledger_jobs.wholes(ask.ids, job_records.find_many(ask.ids))
    seen = [job_id for job_id, job in zip(ask.ids, found, strict=True) if job and ask.wanted.owner in (None, job.owner)]
    return seen, [job_id for job_id in ask.ids if job_id not in set(seen)]


def _meant(ask: Ask, found: list[Job]) -> list[str]:
    """Those of these jobs that the action can change: none that waits there, was run again, or has no record."""
    if ask.action == "move":
        return [job.id for job in found if job.queue != ask.to]
    if ask.action == "retry":
        return [job.id for job in found if job.retried_as is None and (job.kept or job.progress)]  # a crawl is kept elsewhere
    return [job.id for job in found]


def _act_on_block(ask: Ask, job_id: str, now: Progress) -> None:
    """Act on the next block, and note that. `again`: an execution that was killed may have begun it."""
    block, again = bulk_records.block(job_id, now.at), now.begun == now.at
    if not again:
        now.begun = now.at
        bulk_records.write(job_id, now)
    if ask.action == "move":
        _move(ask, block, now, again)
    else:
        for one in block:
            try:
                refusal = _retry(one, ask.asked_at, again) if ask.action == "retry" else _cancel(one, again)
            except (DataError, BudgetError) as exc:
                refusal = message_shapes.of(str(exc))
            if refusal:
                _refuse(now, refusal, one)
            else:
                now.done += 1
    now.at += 1
    bulk_records.write(job_id, now)


def _move(ask: Ask, block: list[str], now: Progress, again: bool) -> None:
    for one, became in zip(block, moving.move(block, ask.to), strict=True):
        if became == "moved" or (again and became == "there"):
            now.done += 1
        else:
            _refuse(now, UNMOVED[became], one)


def _retry(job_id: str, asked_at: datetime, again: bool) -> str:
    """Run one again; returns why not, "" where it does."""
    found = jobs.get_job_status(job_id)
    if found.retried_as:  # by this action, before it was killed
        return "" if again else RUN_BEFORE
    has_run = found.status in WENT_ON or (found.ended_at is not None and found.ended_at >= asked_at)
    if has_run:
        return "" if again else "it went on by itself since that was asked"
    if found.status not in states.ENDED or ledger_jobs.is_one(job_id):
        jobs.update_job_status(job_id, JobStatus.PENDING)
        return ""
    made = jobs.retry_job(job_id)
    if made.duplicate_of is None:
        return ""
    is_own = made.job_id == jobs.again_id(job_id)
    return RUN_BEFORE if is_own else "another job does its work just now"


def _cancel(job_id: str, again: bool) -> str:
    """Cancel one, or ask it to stop; returns why not, "" where that was done."""
    if jobs.cancel_job(job_id) or (again and jobs.get_job_status(job_id).status is JobStatus.CANCELLED):
        return ""
    return "it had ended"


def _refuse(now: Progress, says: str, *job_ids: str) -> None:
    """Count a reason; after 20 different ones, further reasons count together."""
    if not job_ids:
        return
    name = says if says in now.reasons or len(now.reasons) < MOST_REASONS else OTHER_REASONS
    now.reasons[name] = now.reasons.get(name, 0) + len(job_ids)
    now.examples.setdefault(name, job_ids[0])
