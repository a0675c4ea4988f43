"""RQ's registries, cleared of what is over: its own tools leave that to whoever looks."""

from collections.abc import Sequence

import clock
from state.engine import parked, pauses
from state.store import keys, scripts


def prune(queues: Sequence[str]) -> int:
    """Take jobs whose record has expired out of RQ's registries of what is over; says how many. Pauses that are over go, too."""
    registries = [registry + name for name in queues for registry in (keys.RQ_FINISHED, keys.RQ_FAILED)]
    parked.forget_gone()
    pauses.end_over()
    return _prune(registries=registries, now_ms=clock.script_now_ms())


@scripts.script("engine/prune")
def _prune(*, registries: Sequence[str], now_ms: str) -> int:
    raise scripts.InLua


def forget_workers(queues: Sequence[str], at_most: int = 1000) -> int:
    """Take workers whose record has ended out of RQ's lists of workers; says how many."""
    lists = [f"{keys.RQ_WORKERS}:{name}" for name in queues]
    return _forget_workers(workers=keys.RQ_WORKERS, queues=lists, at_most=at_most)


@scripts.script("engine/forget_workers")
def _forget_workers(*, workers: str, queues: Sequence[str], at_most: int) -> int:
    raise scripts.InLua


def forget_cancelled(queue: str, at_most: int = 1000) -> int:
    """Take jobs cancelled a week ago out of RQ's registry; those that RQ's own tools cancelled expire then. Says how many."""
    return _forget_cancelled(
        canceled=keys.RQ_CANCELED + queue,
        now_ms=clock.script_now_ms(),
        at_most=at_most,
        after_s=keys.FAILURE_TTL_S,
        jobs=keys.RQ_JOB,
        results=keys.RQ_RESULTS,
    )


@scripts.script("engine/forget_cancelled")
def _forget_cancelled(*, canceled: str, now_ms: str, at_most: int, after_s: int, jobs: str, results: str) -> int:
    raise scripts.InLua
