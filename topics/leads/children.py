"""Jobs that a job submits and waits for. Their ids come from its own, so whatever is killed, each is submitted once."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import clock
import errors
import models
import queues
from state.engine import records
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


def wait(seen: Sequence[Child], what: str) -> None:
    """Raise NotNow unless all of them are over."""
    left = sum(not one.state for one in seen)
    if left:
        every_s = EVERY_S + EACH_S * len(seen)
        raise errors.NotNow(clock.now() + timedelta(seconds=every_s), f"{left} of {len(seen)} {what} go on")


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
