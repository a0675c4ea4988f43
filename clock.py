"""The only reader of time.

`now()` is for people and stored documents, `monotonic()` for measuring. Where several machines must agree on the time, a Redis
script asks the server (`TIME`). `script_now_ms()` is the `now_ms` argument of such a script: an empty string (ask the server),
except in a test that froze the clock.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

_frozen: datetime | None = None

#: The clock that goes on while the machine sleeps: on Linux CLOCK_BOOTTIME, on macOS CLOCK_MONOTONIC.
_BOOTTIME = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def now() -> datetime:
    """The present as an aware UTC datetime."""
    return _frozen or datetime.now(UTC)


def monotonic() -> float:
    """Seconds of a clock that never goes back. Only differences have a meaning."""
    return time.monotonic()


def boottime() -> float:
    """Seconds of a clock that never goes back and counts the sleep of the machine: for what ends elsewhere, such as a lease."""
    return time.clock_gettime(_BOOTTIME)


def wait(seconds: float) -> None:
    """Sleep. Every wait of the program is here, so that a test can replace it in one place."""
    time.sleep(seconds)


def script_now_ms() -> str:
    """`now_ms` for a Redis script: "" = ask the server; milliseconds since 1970 if a test froze the clock."""
    return str(int(_frozen.timestamp() * 1000)) if _frozen else ""


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """For tests: the clock stands at `at` (aware) until the block ends; `advance` moves it."""
    global _frozen
    before, _frozen = _frozen, at
    try:
        yield
    finally:
        _frozen = before


def advance(step: timedelta) -> None:
    """For tests: move a frozen clock on."""
    global _frozen
    if _frozen is None:
        raise RuntimeError("advance() moves a frozen clock only: use it inside `with clock.frozen(...)`")
    _frozen += step
