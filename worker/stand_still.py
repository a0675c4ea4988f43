"""Notices that this process stood still: it was stopped, its container was paused, or its machine slept.

Meanwhile its leases may have run out, and those of others that stood still with it. So it first renews its own, and gives the
others time to renew theirs before it takes back any. Otherwise a laptop that wakes up would run each of its jobs twice.
"""

import math

import clock

#: A turn or a wait that takes so much longer (s) than it should is a stand-still. After less, every lease still holds.
STALL_S = 5.0

#: The others are given time once in so long (s): where Redis is that slow in every turn, lost jobs come back all the same.
RESPITE_S = 60.0


class StandStill:
    """Call `expect` before each step that takes time, ask `noticed` after it, and call `renewed` after each renewal."""

    def __init__(self) -> None:
        self._back_by = math.inf  # by clock.boottime(), as the others
        self._noticed_at = -math.inf
        self._renewed_at = -math.inf

    def expect(self, within_s: float) -> None:
        """Note how long the next step may take."""
        self._back_by = clock.boottime() + within_s + STALL_S

    def noticed(self) -> bool:
        """Whether the last step took much longer, for the first time in a minute."""
        now = clock.boottime()
        if now <= self._back_by or now < self._noticed_at + RESPITE_S:
            return False
        self._noticed_at = now
        return True

    def renewed(self) -> None:
        """Note that the leases of this process were renewed."""
        self._renewed_at = clock.boottime()

    def is_overdue(self, renew_s: float) -> bool:
        """Whether the leases were not renewed lately, as they should be every `renew_s`."""
        return clock.boottime() > self._renewed_at + renew_s + STALL_S
