"""What keeps jobs from starting, as their submit sees it: a look in the same round trip, now and then."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import clock
from state.engine import pauses
from state.engine.pauses import Pause
from state.store import keys, scripts

#: A submit looks at what keeps its jobs from starting: each of the first ones in a row, then so many seconds after the last look.
#: A look costs a tenth of a submit, and no round trip.
LOOKS, LOOK_S = 20, 0.005


class Notes(NamedTuple):
    """What keeps submitted jobs from starting.

    Queues that no living worker serves, between commas; how long workers are suspended (ms; -1 = for ever, -2 = they are not);
    why fetching is halted (JSON, '' = it is not); kinds of which none may run; pauses of queues, kinds and the provider.
    """

    unserved: str
    suspended_ms: int = -2
    halted: str = ""
    kinds: tuple[str, ...] = ()
    pauses: tuple[Pause, ...] = ()


class Looks:
    """When this process looked last, and what it saw, by queue."""

    seen: dict[str, Notes | None]

    def __init__(self) -> None:
        self.seen = {}
        self._next = 0.0

    def is_due(self, queues: set[str]) -> bool:
        """Whether this submit is to look."""
        now = clock.monotonic()
        if self._next > now + LOOKS * LOOK_S and queues <= self.seen.keys():
            return False
        self._next = max(self._next, now) + LOOK_S
        return True

    def saw(self, queues: set[str], told: bytes | list[Any]) -> None:
        """Keep what a submit to these queues saw."""
        self.seen.update(dict.fromkeys(queues, _notes(told) if told else None))


latest = Looks()


def call(queues: Iterable[str]) -> scripts.Call:
    """The look at these queues, to be sent with their submit; `Looks.saw` takes the reply."""
    return _stops_at_submit.call(
        suspended=keys.RQ_SUSPENDED,
        halted=keys.HALTED,
        limits=keys.LIMITS,
        workers=keys.RQ_WORKERS,
        pauses=keys.PAUSES,
        kinds=keys.KINDS,
        now_ms=clock.script_now_ms(),
        provider=pauses.of_provider(),
        queues=list(queues),
    )


@scripts.script("engine/stops_at_submit")
def _stops_at_submit(
    *,
    suspended: str,
    halted: str,
    limits: str,
    workers: str,
    pauses: str,
    kinds: str,
    now_ms: str,
    provider: str,
    queues: Sequence[str],
) -> Any:
    raise scripts.InLua


def _notes(told: bytes | list[Any]) -> Notes:
    if isinstance(told, bytes):
        return Notes(told.decode())
    unserved, suspended_ms, halted, kinds, paused = told
    held = pauses.read_all(zip(paused[::2], paused[1::2], strict=True))
    return Notes(unserved.decode(), suspended_ms, halted.decode(), tuple(kind.decode() for kind in kinds), tuple(held))
