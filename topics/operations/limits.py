"""Concurrency limits as people set them: of a kind that there is."""

from dataclasses import dataclass

import config
import queues
from errors import ArgumentError
from state.engine import limits


@dataclass(frozen=True, slots=True)
class OfKind:
    """A kind with its limits: set by hand (`most`) and by a setting, None = none; the lower one counts.

    `running`: jobs of it that run now, None where nobody counts them, as nothing limits the kind. `blocked`: jobs that wait.
    """

    kind: str
    most: int | None
    by_setting: int | None
    running: int | None
    blocked: int


def every() -> list[OfKind]:
    """All kinds of jobs by name, with their limits and how these are used now. Reads only, in a few round trips."""
    by_hand = {one.kind: one for one in limits.every(queues.QUEUES)}
    names = sorted({*kinds(), *by_hand})
    waiting = limits.blocked_by_kind(queues.QUEUES, names)
    by_setting = {limits.SERP: config.settings().serp_concurrency}
    running = limits.running([name for name in by_setting if name not in by_hand])
    return [
        OfKind(
            name,
            by_hand[name].most if name in by_hand else None,
            by_setting.get(name),
            by_hand[name].running if name in by_hand else running.get(name),
            waiting[name],
        )
        for name in names
    ]


def put(kind: str, most: int) -> None:
    """Let at most so many jobs of a kind run at a time; 0 blocks all. Raises ArgumentError for a kind that no job is of."""
    known = kinds()
    if kind not in known:
        raise ArgumentError(f"No job is of the kind {kind!r:.60}: there are {', '.join(known)}.")
    limits.put(kind, most)


def kinds() -> list[str]:
    """The kinds of all jobs."""
    queues.load_jobs()
    return sorted(set(queues.kinds().values()))
