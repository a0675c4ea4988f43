"""How often a busy worker talks to Redis: jobs that take long can wait a little to be settled together.

Ended one by one, a hundred jobs of 100 ms make a thousand exchanges a second; each costs the interpreter lock that the jobs need.
"""

import clock

#: Share of the mean job time that an exchange may be late, and the most it may be late at all (s).
SHARE = 0.05
MOST_S = 0.02

#: Less than this is not worth a wait (s).
LEAST_S = 0.001

#: Weight of the latest job in the mean.
ALPHA = 0.05


class Pace:
    """The mean time of the jobs of a process, and the rest it may take between two exchanges."""

    def __init__(self) -> None:
        self._mean_s = 0.0
        self._last = 0.0

    def ended(self, took_s: float) -> None:
        """A job ended after `took_s`."""
        self._mean_s += (took_s - self._mean_s) * ALPHA

    def exchanged(self) -> None:
        """An exchange was made."""
        self._last = clock.monotonic()

    def rest_s(self) -> float:
        """How long the next exchange should wait now; 0 where that is not worth it."""
        rest = self._last + min(MOST_S, SHARE * self._mean_s) - clock.monotonic()
        return rest if rest >= LEAST_S else 0.0

    def linger(self, busy: bool) -> None:
        """Wait for other jobs to end, if any run; an idle worker never waits."""
        rest = self.rest_s() if busy else 0.0
        if rest:
            clock.wait(rest)
