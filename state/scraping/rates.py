"""Limits set by hand for one host or tenant: they win over settings and callers. The script `enter` obeys them at once."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from errors import ArgumentError, NotFound
from state.scraping import keys
from state.scraping.gates import MOST_CONCURRENCY, MOST_DELAY_S
from state.store import connection

#: A window is this long at least and at most (s), and holds so many requests at most.
LEAST_WINDOW_S, MOST_WINDOW_S, MOST_REQUESTS = 1, 31 * 86_400, 10_000_000


WINDOWS_S = {"per_minute": 60, "per_hour": 3600, "per_day": 86_400}


@dataclass(frozen=True, slots=True)
class Rate:
    """What was set. `windows`: pairs of seconds and requests. `delay_s` makes a delay longer, never shorter."""

    windows: tuple[tuple[int, int], ...] = ()
    delay_s: float | None = None
    concurrency: int | None = None

    def __post_init__(self) -> None:
        for seconds, most in self.windows:
            if not (LEAST_WINDOW_S <= seconds <= MOST_WINDOW_S and 0 <= most <= MOST_REQUESTS):
                raise ArgumentError(f"{most} requests in {seconds} s is no limit: give 0 to {MOST_REQUESTS:,} in 1 s to 31 days.")
        if self.delay_s is not None and not 0 <= self.delay_s <= MOST_DELAY_S:
            raise ArgumentError(f"A delay of {self.delay_s} s is out of bounds: give 0 to {MOST_DELAY_S:g}.")
        if self.concurrency is not None and not 1 <= self.concurrency <= MOST_CONCURRENCY:
            raise ArgumentError(f"{self.concurrency} requests at a time are out of bounds: give 1 to {MOST_CONCURRENCY}.")

    def __str__(self) -> str:
        words = [f"{most} in {seconds} s" for seconds, most in self.windows]
        words += [f"delay {self.delay_s:g} s"] if self.delay_s is not None else []
        return ", ".join([*words, f"{self.concurrency} at a time"] if self.concurrency else words)


def of_options(given: Mapping[str, float | None]) -> Rate:
    """A limit of options: per_minute, per_hour, per_day, delay (s), concurrency; None = not given."""
    windows = tuple((seconds, int(most)) for name, seconds in WINDOWS_S.items() if (most := given.get(name)) is not None)
    concurrency = given.get("concurrency")
    return Rate(windows, given.get("delay"), None if concurrency is None else int(concurrency))


def put(scope: str, rate: Rate) -> None:
    """Set the limits of `host:<host>` or `tenant:<id>`, in place of those it had."""
    delay_ms = None if rate.delay_s is None else round(rate.delay_s * 1000)
    fields = {"windows": rate.windows or None, "delay_ms": delay_ms, "concurrency": rate.concurrency}
    connection.client().hset(keys.RATES, scope, json.dumps({name: value for name, value in fields.items() if value is not None}))


def remove(scope: str) -> None:
    """Take the limits of a scope away. Raises NotFound."""
    if not connection.client().hdel(keys.RATES, scope):
        raise NotFound(f"No limit was set for {scope.replace(':', ' ', 1)}: `python manage.py hosts limits` shows all.")


def every() -> dict[str, Rate]:
    """All that was set, by scope."""
    found = connection.client().hgetall(keys.RATES)
    return {scope.decode(): read(text) for scope, text in sorted(found.items())}


def read(text: bytes | None) -> Rate:
    """A limit as it is stored; what is broken counts as none."""
    try:
        found = json.loads(text or b"{}")
        windows = tuple((int(seconds), int(most)) for seconds, most in found.get("windows") or ())
        delay_s = found["delay_ms"] / 1000 if "delay_ms" in found else None
        return Rate(windows, delay_s, found.get("concurrency"))
    except (ValueError, TypeError, AttributeError, ArgumentError):
        return Rate()


def as_json(rate: Rate) -> dict[str, Any]:
    """For `--json`."""
    return asdict(rate)
