"""What a process does every few seconds, each chore at its own pace, a little apart in every process."""

from collections.abc import Callable
from random import uniform

import clock

#: A chore comes up to a tenth sooner or later: processes that were started together must not do theirs together.
SPREAD = (0.9, 1.1)


class Chores:
    """Named chores: (every so many seconds, function). All are due at once when it begins."""

    def __init__(self, chores: dict[str, tuple[float, Callable[[], object]]]) -> None:
        self._chores = chores
        self._due = dict.fromkeys(chores, 0.0)

        self._first = 0.0  # when the first of them is due

    def do(self) -> None:
        """Do what is due, what has waited longest first: one that fails each time does not stand before the others."""
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
