"""How often a busy worker talks to Redis: jobs that take long can wait a little to be settled together.

Ended one by one, a hundred jobs of 100 ms make a thousand exchanges a second; each costs the interpreter lock that the jobs need.
"""

import clock

#: Share of the mean job time that an exchange may be late, and the most it may be late at all (s).
SHARE = 0.3
MOST_S = 0.03

#: Less than this is not worth a wait (s).
LEAST_S = 0.001

#: While jobs take less on average (s), some may be taken ahead of a free place.
QUICK_S = 0.5

#: Weight of the latest job in the mean.
ALPHA = 0.05


class Pace:
    """The mean time of the jobs of a process, and the rest it may take between two exchanges."""

    def __init__(self) -> None:
        self._mean_s = 0.0
        self._worked_s = 0.0
        self._last = 0.0

    def ended(self, took_s: float) -> None:
        """A job ended after `took_s`."""
        self._mean_s += (took_s - self._mean_s) * ALPHA
        self._worked_s += took_s

    def take_worked_s(self) -> float:
        """How long jobs ran in all since this was asked last."""
        worked_s, self._worked_s = self._worked_s, 0.0
        return worked_s

    @property
    def is_quick(self) -> bool:
        """Whether the jobs are known to be short."""
        return 0 < self._mean_s < QUICK_S

    def exchanged(self) -> None:
        """An exchange was made."""
        self._last = clock.monotonic()

    def rest_s(self) -> float:
        """How long the next exchange should wait now; 0 where that is not worth it."""
        rest = self._last + min(MOST_S, SHARE * self._mean_s) - clock.monotonic()
        return rest if rest >= LEAST_S else 0.0

    def linger(self) -> None:
        """Wait for other jobs to end; only where more wait than can run, and nobody could begin anything sooner."""
        rest = self.rest_s()
        if rest:
            clock.wait(rest)
