"""What an idle courier waits for: a wake-up that brings a job along; no further round trip comes between submit and start.

The taking stands behind the wait on the server (state/wakes.py). A wait that is broken off may have taken jobs whose names we
never read: the same taking sent again, with no room, returns exactly those.
"""

from collections.abc import Sequence
from dataclasses import replace

from state import leases, wakes

#: Its requests are counted apart from the courier's own.
CONVERSATION = "s"


class Standby:
    """One armed taking at a time."""

    def __init__(self, worker: str) -> None:
        self._worker = worker
        self._alarm = wakes.Alarm()
        self._number = 0
        self._armed: leases.Wanted | None = None
        self._unread: leases.Wanted | None = None

    @property
    def is_armed(self) -> bool:
        """Whether a wake-up would take jobs for us."""
        return self._armed is not None

    def arm(self, order: Sequence[str], threads: int, coroutines: int, functions: Sequence[str]) -> int:
        """Wait, unless we do, for one job of each sort there is room for; returns a file descriptor that tells of the end."""
        if self._armed is None:
            self._number += 1
            self._armed = leases.Wanted(self._number, order, min(1, threads), min(1, coroutines), functions, CONVERSATION)
        return self._alarm.set(leases.lease_call(self._worker, self._armed, later=True))

    def answer(self) -> tuple[bool, leases.Exchanged]:
        """The wait ended: whether somebody woke us, and what was taken."""
        woken, reply = self._alarm.rang()
        self._armed = None
        return woken, leases.exchanged([], reply or [int(woken)])

    def disarm(self) -> None:
        """Take nothing any more; what was taken unread comes with `recall`."""
        self._alarm.forget()
        self._unread, self._armed = self._armed or self._unread, None

    def recall(self) -> list[leases.Leased]:
        """The jobs that a broken-off wait took for us."""
        if self._unread is None:
            return []
        found = leases.exchange(self._worker, [], replace(self._unread, threads=0, coroutines=0)).taken
        self._unread = None
        return found
