"""How often somebody may ask, and how often somebody may try to log in."""

from collections.abc import Sequence
from typing import NamedTuple

import clock
from state.access import keys
from state.store import connection, scripts, together

WINDOW_MS = 60_000


_together = together.Together()


class Rate(NamedTuple):
    """One request was counted, or refused. Times in ms: until one may be made again, until all of them may."""

    is_allowed: bool
    left: int
    retry_ms: int
    reset_ms: int


def count(scope: str, most: int, window_ms: int = WINDOW_MS) -> Rate:
    """Count a request of a scope, unless it is one too many: `most` may come at once, then `most` a window. One round trip."""
    call = _limit.call(rate=keys.rate(scope), now_ms=clock.script_now_ms(), most=most, window_ms=window_ms)
    reply = _together.ask(call)
    return Rate(bool(reply[0]), *map(int, reply[1:]))


@scripts.script("access/limit_rate")
def _limit(*, rate: str, now_ms: str, most: int, window_ms: int) -> Sequence[int]:
    raise scripts.InLua


def try_login(scopes: Sequence[tuple[str, int]]) -> int:
    """Count a try to log in; scopes with the tries that each gives without a wait. Returns ms to wait instead; 0 = go on."""
    names = [keys.throttle(scope) for scope, _ in scopes]
    return int(_try_login(throttles=names, now_ms=clock.script_now_ms(), free=[free for _, free in scopes]))


@scripts.script("access/try_login")
def _try_login(*, throttles: Sequence[str], now_ms: str, free: Sequence[scripts.Argument]) -> int:
    raise scripts.InLua


def forget_tries(scope: str) -> None:
    """A scope begins anew."""
    connection.client().delete(keys.throttle(scope))


def forgive(account: str, address: str) -> None:
    """The try that was counted for these scopes was good."""
    _forgive(account=keys.throttle(account), address=keys.throttle(address))


@scripts.script("access/forgive_login")
def _forgive(*, account: str, address: str) -> int:
    raise scripts.InLua
