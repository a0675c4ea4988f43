"""How often a busy worker talks to Redis. Outcomes of long jobs can wait a little and are then settled together.

Settled one by one, a hundred threads with jobs of 100 ms make a thousand exchanges a second. Each exchange takes the interpreter
lock that the jobs need.
"""

import clock

#: An exchange may be late by this share of the mean job time,
SHARE = 0.3

#: but never by more than this (s).
LONGEST_S = 0.03

#: A shorter wait is not worth it (s).
SHORTEST_S = 0.001

#: Jobs are prefetched only while their mean time is below this (s).
QUICK_S = 0.5

#: Weight of the latest job in the mean.
ALPHA = 0.05


class SettleBatching:
    """The mean time of the jobs of a process, and the wait before the next exchange that follows from it."""

    def __init__(self) -> None:
        self._mean_s = 0.0
        self._worked_s = 0.0
        self._exchanged_at = 0.0  # by the monotonic clock

    def ended(self, took_s: float) -> None:
        """Note that a job ended after `took_s`."""
        self._mean_s += (took_s - self._mean_s) * ALPHA
        self._worked_s += took_s

    def take_worked_s(self) -> float:
        """The total time of the jobs since the last call."""
        worked_s, self._worked_s = self._worked_s, 0.0
        return worked_s

    @property
    def is_quick(self) -> bool:
        """Whether the jobs are known to be short."""
        return 0 < self._mean_s < QUICK_S

    def exchanged(self) -> None:
        """Note that an exchange was made."""
        self._exchanged_at = clock.monotonic()

    def linger_s(self) -> float:
        """How long the next exchange should wait now; 0 where a wait is not worth it."""
        linger_s = self._exchanged_at + min(LONGEST_S, SHARE * self._mean_s) - clock.monotonic()
        return linger_s if linger_s >= SHORTEST_S else 0.0

    def linger(self) -> None:
        """Wait for other jobs to end. To be called only where more jobs wait than can run, and no thread is free."""
        linger_s = self.linger_s()
        if linger_s:
            clock.wait(linger_s)
