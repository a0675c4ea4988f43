"""What an idle courier waits for: a wake-up that brings a job along; no further round trip comes between submit and start.

The taking stands behind the wait on the server (state/wakes.py). A wait that is broken off may have taken jobs whose names we
never read: the same taking sent again, with no room, returns exactly those.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace

import clock
from state.engine import leases, wakeups
from state.store import connection

log = logging.getLogger("trawl.worker")

#: Its requests are counted apart from the courier's own.
CONVERSATION = "s"

#: The first lease of a job that came along (ms): short, because a process that stands still may take one all the same.
LEASE_MS = 5000

#: Seconds until we ask again for a connection to wait on, where Redis takes no further client.
AGAIN_S = 15.0


class Standby:
    """One armed taking at a time."""

    def __init__(self, worker: str) -> None:
        self._worker = worker
        self._alarm = wakeups.BlockingWait()
        self._number = 0
        self._asked = 0.0
        self._without_until = 0.0
        self._armed: leases.LeaseRequest | None = None
        self._unread: leases.LeaseRequest | None = None

    def fits(self, threads: int, coroutines: int) -> bool:
        """Whether there still is room for all that a wake-up would bring; also where none is awaited."""
        return self._armed is None or (self._armed.threads <= threads and self._armed.coroutines <= coroutines)

    def arm(self, order: Sequence[str], threads: int, coroutines: int, functions: Sequence[str]) -> int | None:
        """Wait, unless we do, for one job of each sort there is room for; returns a file descriptor that tells of the end.

        None where Redis has no client to spare for it: the worker looks for jobs by itself, and we ask again a little later.
        """
        if self._armed is None and clock.monotonic() < self._without_until:
            return None
        if self._armed is None:
            self._number += 1
            one = min(1, threads), min(1, coroutines)
            self._armed = leases.LeaseRequest(self._number, order, *one, functions, CONVERSATION, LEASE_MS)
        self._asked = clock.monotonic()
        try:
            return self._alarm.wait(leases.lease_call(self._worker, self._armed, later=True))
        except connection.NoFreeClient as exc:
            self.disarm()
            self._unread, self._without_until = None, clock.monotonic() + AGAIN_S
            log.warning("No wake-ups for now, jobs begin up to a second later: %s", exc)
            return None

    def answer(self) -> tuple[bool, leases.ExchangeResult]:
        """The wait ended: whether somebody woke us, and what was taken; to be renewed within LEASE_MS."""
        woken, reply = self._alarm.read()
        self._armed = None
        brought = leases.exchange_result([], reply or (b"more" if woken else b"empty", []))
        if brought.taken and clock.monotonic() > self._asked + LEASE_MS / 2000:  # we stood still meanwhile: is it still ours?
            lost = leases.renew([job.lease for job in brought.taken]).lost
            brought = replace(brought, taken=[job for job in brought.taken if job.lease not in lost])
        return woken, brought

    def disarm(self) -> None:
        """Take nothing any more; what was taken unread comes with `recall`."""
        self._alarm.abandon()
        self._unread, self._armed = self._armed or self._unread, None

    def recall(self) -> list[leases.Leased]:
        """The jobs that a broken-off wait took for us."""
        if self._unread is None:
            return []
        found = leases.exchange(self._worker, [], replace(self._unread, threads=0, coroutines=0)).taken
        self._unread = None
        return found
