"""Jobs that a job submits and waits for. Their ids come from its own, so whatever is killed, each is submitted once."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import clock
import errors
import models
import queues
from state.engine import children, records
from state.scraping import pages
from state.store import connection

#: How often their states are looked at (s), and how much longer for each of them.
EVERY_S, EACH_S = 2.0, 0.002

#: Of one job, so many are in the queues at a time: others get their turns between them.
AT_ONCE = 20

#: How long their records are kept (s): longer than one job waits for all of its own.
KEPT_S = 7 * 86_400

#: RQ's words for jobs that are over.
OVER = {"finished": "completed", "failed": "failed", "canceled": "cancelled", "stopped": "cancelled"}

#: What a job raises none of whose children did anything, by the category of most of their errors.
ERRORS: dict[str, type[errors.TrawlError]] = {
    "network": errors.NetworkError,
    "blocked": errors.BlockedError,
    "budget": errors.BudgetError,
    "config": errors.ConfigError,
    "system": errors.SystemFault,
}


@dataclass(frozen=True, slots=True)
class Child:
    """A job as it is now. `state`: completed, failed or cancelled; "" = it goes on, or was not submitted yet."""

    id: str
    state: str = ""
    error: str = ""
    is_there: bool = True
    category: str = ""

    @property
    def is_done(self) -> bool:
        """Whether it did what it was for."""
        return self.state == "completed"


def call(parent: str, work: str, made: models.Call) -> models.Call:
    """The call with the id that its parent and its work give it."""
    made.job_id = hashlib.sha256(f"{parent}\n{work}".encode()).hexdigest()[:32]
    made.keep_s, made.parent = KEPT_S, parent
    return made


def follow(calls: Sequence[models.Call]) -> list[Child]:
    """Submit those that were not yet, a few at a time; how each of them is now. Safe to repeat."""
    seen = _seen([str(one.job_id) for one in calls])
    going_on = sum(one.is_there and not one.state for one in seen)
    new = [one for one, child in zip(calls, seen, strict=True) if not child.is_there][: max(0, AT_ONCE - going_on)]
    if new:
        queues.submit_many(new)
    return seen


def counts(seen: Sequence[Child]) -> dict[str, int]:
    """How many of them did what they were for, failed, and were cancelled; and how many there are."""
    states = Counter(one.state for one in seen)
    return {"done": states["completed"], "failed": states["failed"], "cancelled": states["cancelled"], "total": len(seen)}


def progress(seen: Sequence[Child], what: str, before: int = 0) -> None:
    """Tell how far they are, e.g. `what` "companies scraped". `before`: steps that were done before them."""
    told = counts(seen)
    over = sum(bool(one.state) for one in seen)
    parts = [f"{told['done']} of {len(seen)} {what}", *(f"{told[name]} {name}" for name in ("failed", "cancelled") if told[name])]
    outcome = ["partial: "] if over == len(seen) and 0 < told["done"] < over else []
    queues.progress(before + over, before + len(seen), "".join([*outcome, ", ".join(parts)]), told)


def wait(seen: Sequence[Child], what: str) -> None:
    """Raise NotNow unless all of them are over."""
    left = sum(not one.state for one in seen)
    if left:
        every_s = EVERY_S + EACH_S * len(seen)
        raise errors.NotNow(clock.now() + timedelta(seconds=every_s), f"{left} of {len(seen)} {what} go on")


def outcome(seen: Sequence[Child]) -> dict[str, Any]:
    """What became of them all, for the result of their parent: complete, partial or failed, and what is missing."""
    told = counts(seen)
    missing = told["total"] - told["done"]
    word = "complete" if not missing else "partial" if told["done"] else "failed"
    return {"outcome": word, "failed": told["failed"], "cancelled": told["cancelled"]}


def check_any(job_id: str, seen: Sequence[Child], what: str) -> None:
    """They are all over: raise where none did what it was for, e.g. `what` "scraped", so that their parent fails.

    The error is of the category of most of theirs. The parent is not tried again: it would find them as they are.
    """
    with connection.errors_translated():
        children.forget(job_id)
    if not seen or any(one.is_done for one in seen):
        return
    [category] = [name for name, _ in Counter(one.category for one in seen if one.category).most_common(1)] or [""]
    raised = ERRORS.get(category, errors.DataError)(_nothing(job_id, seen, what))
    raised.retryable = False
    raise raised


def _nothing(job_id: str, seen: Sequence[Child], what: str) -> str:
    told = counts(seen)
    states = ", ".join(f"{told[name]} {name}" for name in ("failed", "cancelled") if told[name])
    reasons = [reason.rstrip(".") for reason, _ in Counter(one.error for one in seen if one.error).most_common(3)]
    text = f"No company was {what}: of {len(seen):,} {states}"
    why = f" ({'; '.join(reasons)})" if reasons else ""
    return f"{text}{why}. `python manage.py lead result {job_id}` lists them."


def _seen(ids: Sequence[str]) -> list[Child]:
    """The jobs by their records; one whose record has expired is done where its result is kept."""
    with connection.errors_translated():
        found = records.read(ids)
        gone = [one for one, fields in zip(ids, found, strict=True) if not fields]
        kept = {one for one, result in zip(gone, pages.results(gone), strict=True) if result is not None} if gone else set()
    return [
        _child(one, fields) if fields else Child(one, "completed" if one in kept else "", is_there=one in kept)
        for one, fields in zip(ids, found, strict=True)
    ]


def _child(job_id: str, fields: dict[str, str]) -> Child:
    state = OVER.get(fields.get("status", ""), "")
    return Child(job_id, state, fields.get("error_message", ""), category=fields.get("error_category", ""))
