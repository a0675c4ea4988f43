"""Work that a process repeats every few seconds: each piece has its own interval, a little different in each process."""

from collections.abc import Callable
from random import uniform

import clock

#: An interval varies by a tenth, so that processes that were started together do not work at the same moments.
SPREAD = (0.9, 1.1)


class Chores:
    """Named chores: (every so many seconds, function). All are due at once when it begins."""

    def __init__(self, chores: dict[str, tuple[float, Callable[[], object]]]) -> None:
        self._chores = chores
        self._due = dict.fromkeys(chores, 0.0)

        self._first = 0.0  # when the first of them is due

    def do(self) -> None:
        """Do what is due, the longest overdue first. So one that fails each time does not keep the others from their turn."""
        now = clock.monotonic()
        if now < self._first:
            return
        for name in sorted((name for name, due in self._due.items() if due <= now), key=lambda name: self._due[name]):
            every_s, chore = self._chores[name]
            self.set(name, every_s * uniform(*SPREAD))
            chore()

    def set(self, name: str, in_s: float) -> None:
        """Let this chore be due in so many seconds."""
        self._due[name] = clock.monotonic() + in_s
        self._first = min(self._due.values())

    def hasten(self, **in_s: float) -> None:
        """Let each of these chores be due in so many seconds at the latest."""
        for name, seconds in in_s.items():
            self._due[name] = min(self._due[name], clock.monotonic() + seconds)
        self._first = min(self._due.values())

    def wait_s(self) -> float:
        """Seconds until something is due."""
        return max(0.0, self._first - clock.monotonic())
