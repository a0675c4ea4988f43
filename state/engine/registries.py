"""RQ's registries, cleared of what is over: its own tools leave that to whoever looks."""

from collections.abc import Callable, Sequence

import clock
from state.engine import parked, pauses
from state.store import keys, scripts

#: Entries that one run of a script takes out of a registry: others wait for less than a millisecond.
AT_ONCE = 200


def prune(queues: Sequence[str]) -> int:
    """Take jobs whose record has expired out of RQ's registries of what is over; says how many. Pauses that are over go, too."""
    registries = [registry + name for name in queues for registry in (keys.RQ_FINISHED, keys.RQ_FAILED)]
    parked.forget_gone()
    pauses.end_over()
    return _till_few(lambda: _prune(registries=registries, now_ms=clock.script_now_ms(), most=AT_ONCE))


def _till_few(take: Callable[[], int]) -> int:
    """Take again while as many were taken as fit into one run; says how many in all."""
    total = 0
    while (taken := take()) >= AT_ONCE:
        total += taken
    return total + taken


@scripts.script("engine/prune")
def _prune(*, registries: Sequence[str], now_ms: str, most: int) -> int:
    raise scripts.InLua


def forget_workers(queues: Sequence[str], at_most: int = 1000) -> int:
    """Take workers whose record has ended out of RQ's lists of workers; says how many."""
    lists = [f"{keys.RQ_WORKERS}:{name}" for name in queues]
    return _forget_workers(workers=keys.RQ_WORKERS, queues=lists, at_most=at_most)


@scripts.script("engine/forget_workers")
def _forget_workers(*, workers: str, queues: Sequence[str], at_most: int) -> int:
    raise scripts.InLua


def forget_cancelled(queue: str) -> int:
    """Take jobs cancelled a week ago out of RQ's registry; those that RQ's own tools cancelled expire then. Says how many."""
    return _till_few(
        lambda: _forget_cancelled(
            canceled=keys.RQ_CANCELED + queue,
            now_ms=clock.script_now_ms(),
            at_most=AT_ONCE,
            after_s=keys.FAILURE_TTL_S,
            jobs=keys.RQ_JOB,
            results=keys.RQ_RESULTS,
        )
    )


@scripts.script("engine/forget_cancelled")
def _forget_cancelled(*, canceled: str, now_ms: str, at_most: int, after_s: int, jobs: str, results: str) -> int:
    raise scripts.InLua
