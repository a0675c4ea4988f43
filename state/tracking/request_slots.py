"""Request slots of a provider: a semaphore over all workers, because providers bill and limit by requests in flight.

Each holder has a lease: a worker that dies gives its slot back when the lease ends.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from random import uniform

import clock
from errors import ProviderBusy
from state.store import connection, keys, scripts

#: Longer than any one request may take (`REQUEST_TIMEOUT` is at most 120 s), renewed for each page.
LEASE_S = 150


def take(provider: str, holder: str, limit: int) -> bool:
    """Take a slot, or renew the one `holder` has; False when all `limit` are taken."""
    now_ms = clock.script_now_ms()
    return _take_slot(slots=keys.slots(provider), now_ms=now_ms, holder=holder, limit=limit, lease_s=LEASE_S) == b"taken"


def give_back(provider: str, holder: str) -> None:
    """End the holder's lease."""
    connection.client().zrem(keys.slots(provider), holder)


def in_use(provider: str) -> int:
    """Slots taken now, leases of dead holders not counted."""
    return int(connection.client().zcount(keys.slots(provider), connection.now().timestamp() * 1000, "+inf"))


@contextmanager
def slot(provider: str, holder: str, *, limit: int, wait_s: float) -> Iterator[None]:
    """Hold a slot inside the block, waiting up to `wait_s` seconds for one. Raises ProviderBusy when none came free."""
    deadline = clock.monotonic() + wait_s
    while not take(provider, holder, limit):
        if clock.monotonic() >= deadline:
            raise ProviderBusy(f"No free request slot at {provider} for {wait_s:g} s: all {limit} are in use (SERP_CONCURRENCY).")
        clock.wait(uniform(0.02, 0.2))
    try:
        yield
    finally:
        give_back(provider, holder)


@scripts.script("tracking/take_slot")
def _take_slot(*, slots: str, now_ms: str, holder: str, limit: int, lease_s: int) -> bytes:
    raise scripts.InLua
