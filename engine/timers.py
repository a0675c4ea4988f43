"""What a process does every few seconds. Each timer has its own interval, and differs a little in every process."""

from collections.abc import Callable
from random import uniform

import clock

#: An interval is up to a tenth shorter or longer: processes that were started together must not act together.
SPREAD = (0.9, 1.1)


class Timers:
    """Named timers: (interval in seconds, function). All are due at once in the beginning."""

    def __init__(self, timers: dict[str, tuple[float, Callable[[], object]]]) -> None:
        self._timers = timers
        self._due = dict.fromkeys(timers, 0.0)
        self._first_due = 0.0

    def run_due(self) -> None:
        """Run the timers that are due, the one that is due longest first: one that always fails does not block the others."""
        now = clock.monotonic()
        if now < self._first_due:
            return
        for name in sorted((name for name, due in self._due.items() if due <= now), key=lambda name: self._due[name]):
            interval_s, function = self._timers[name]
            self.schedule(name, interval_s * uniform(*SPREAD))
            function()

    def schedule(self, name: str, in_s: float) -> None:
        """Let this timer be due in so many seconds."""
        self._due[name] = clock.monotonic() + in_s
        self._first_due = min(self._due.values())

    def hasten(self, **in_s: float) -> None:
        """Let each of these timers be due in so many seconds at the latest."""
        for name, seconds in in_s.items():
            self._due[name] = min(self._due[name], clock.monotonic() + seconds)
        self._first_due = min(self._due.values())

    def wait_s(self) -> float:
        """Seconds until the first timer is due."""
        return max(0.0, self._first_due - clock.monotonic())
