"""Looks at queues: those that are deep, or whose oldest job waits for long."""

from collections.abc import Iterator

from state.alerts.incidents import Finding
from state.engine import pauses
from state.engine.snapshot import Waiting
from topics.alerts.looking import Look, finding
from topics.alerts.rules import QueueLimit
from wording import duration


def backed_up(look: Look) -> Iterator[Finding]:
    """Queues that are deep, or whose oldest job waits for long; not one that somebody paused."""
    rule = look.rules.rules.queue
    held = {pause.scope for pause in look.seen.pauses}
    for one in look.seen.waiting:
        if f"{pauses.QUEUE}:{one.queue}" in held:
            continue
        own = rule.queues.get(one.queue, QueueLimit())  # type: ignore[call-overload]
        jobs, age_min = own.jobs or rule.jobs, own.age_min or rule.age_min
        yield from _deep(look, one, jobs)
        yield from _old(look, one, age_min)


def _deep(look: Look, one: Waiting, jobs: int) -> Iterator[Finding]:
    key = f"queue:deep:{one.queue}"
    if look.is_at(key, one.total, jobs):
        says = f"The queue {one.queue} holds {one.total:,} jobs; the limit is {jobs:,}."
        fix = "`python manage.py status` says what holds them up; more workers go faster."
        yield finding(key, look.rules.rules.queue, f"The queue {one.queue} is deep", says, fix)


def _old(look: Look, one: Waiting, age_min: float) -> Iterator[Finding]:
    key, oldest = f"queue:old:{one.queue}", one.oldest
    if oldest and look.is_at(key, (look.seen.now - oldest).total_seconds(), age_min * 60):
        waits = duration((look.seen.now - oldest).total_seconds())
        says = f"The oldest job of the queue {one.queue} has waited for {waits}; the limit is {duration(age_min * 60)}."
        fix = "`python manage.py status` says what holds it up."
        yield finding(key, look.rules.rules.queue, f"The queue {one.queue} is behind", says, fix)
