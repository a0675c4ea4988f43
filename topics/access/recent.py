"""What this process read lately of Redis: it counts for five seconds, so that a key that was revoked is refused within them."""

from collections.abc import Callable
from typing import Generic, TypeVar

import clock
from state.store import connection

T = TypeVar("T")

#: Seconds for which an answer counts.
FRESH_S = 5.0

#: Answers kept at a time.
MOST = 10_000


class Recent(Generic[T]):
    """Answers by name. Only what is there is kept: who asks for what is not there asks Redis each time."""

    def __init__(self, read: Callable[[str], T | None]) -> None:
        self._read = read
        self._client: object = None
        self._found: dict[str, tuple[float, T]] = {}

    def get(self, name: str) -> T | None:
        """The answer, five seconds old at most."""
        now, client = clock.monotonic(), connection.client()
        if self._client is not client or len(self._found) > MOST:
            self._client, self._found = client, {}
        known = self._found.get(name)
        if known and now - known[0] < FRESH_S:
            return known[1]
        found = self._read(name)
        if found is None:
            self._found.pop(name, None)
        else:
            self._found[name] = (now, found)
        return found

    def knows(self, name: str) -> bool:
        """Whether `get` would not ask Redis."""
        known = self._found.get(name)
        return bool(known) and self._client is connection.client() and clock.monotonic() - known[0] < FRESH_S  # type: ignore[index]

    def forget(self, name: str) -> None:
        """Ask Redis the next time."""
        self._found.pop(name, None)
