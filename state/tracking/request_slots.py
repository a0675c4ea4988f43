"""Request slots: places under the concurrency limit of a kind, for calls outside a job (`serp check`).

Providers bill and limit by requests in flight. A check that runs as a job is blocked while the kind is full, before it begins
(state/engine/limits.py). A check by hand takes a slot instead, and waits for it in its own process. Both count together.
Each holder has a lease: a process that dies gives its slot back when the lease ends.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from random import uniform

import clock
from errors import ProviderBusy
from state.engine import jobs
from state.store import connection, keys, scripts

#: Longer than any one request may take (`REQUEST_TIMEOUT` is at most 120 s), renewed for each page.
LEASE_S = 150

#: A call that waits says so several times a second; its mark holds for so long (s).
WAITING_S = 2


def take(kind: str, holder: str, limit: int) -> bool:
    """Take a slot, or renew the one `holder` has; False where jobs and slots use all `limit` places."""
    reply = _take_slot(
        slots=keys.slots(kind),
        waiting=keys.slots_waiting(kind),
        runs=keys.RUNS + kind,
        leases=keys.LEASES,
        now_ms=clock.script_now_ms(),
        holder=holder,
        limit=limit,
        lease_s=LEASE_S,
        wait_s=WAITING_S,
    )
    return reply == b"taken"


@scripts.script("tracking/take_slot")
def _take_slot(
    *, slots: str, waiting: str, runs: str, leases: str, now_ms: str, holder: str, limit: int, lease_s: int, wait_s: int
) -> bytes:
    raise scripts.InLua


def give_back(kind: str, holder: str) -> None:
    """End the holder's lease, or its waiting; a worker looks whether a blocked job may start in its place."""
    client = connection.client()
    client.zrem(keys.slots_waiting(kind), holder)
    if client.zrem(keys.slots(kind), holder):
        jobs.wake_others(1)


def in_use(kind: str) -> int:
    """Slots taken now, leases of dead holders not counted."""
    return int(connection.client().zcount(keys.slots(kind), connection.now().timestamp() * 1000, "+inf"))


@contextmanager
def slot(kind: str, holder: str, *, limit: int, wait_s: float) -> Iterator[None]:
    """Hold a slot inside the block, waiting up to `wait_s` seconds for one. Raises ProviderBusy when none came free."""
    deadline = clock.monotonic() + wait_s
    try:
        while not take(kind, holder, limit):
            if clock.monotonic() >= deadline:
                raise ProviderBusy(f"No free request slot for {wait_s:g} s: all {limit} are in use (SERP_CONCURRENCY).")
            clock.wait(uniform(0.02, 0.2))
        yield
    finally:
        give_back(kind, holder)
