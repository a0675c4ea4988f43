"""One look at the whole system at a time, in a thread of its own, for routes that must answer although Redis does not."""

import logging
import threading
from dataclasses import dataclass
from datetime import datetime

import clock
from state.store import connection
from topics.operations import health, stops
from topics.operations.health import Health, Report

log = logging.getLogger("trawl.web")

#: Seconds for which a look is good, and for which a caller waits for a fresh one.
FRESH_S, WAIT_S = 1.0, 0.7

#: The name of the thread that looks.
THREAD = "look"


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen. `workers` None: Redis did not say. `takes_writes`: Redis does, and keeps them."""

    at: datetime
    report: Report
    workers: int | None
    busy: int | None
    takes_writes: bool = False

    @property
    def is_redis_there(self) -> bool:
        """Whether Redis answered."""
        return self.workers is not None


class _Running:
    """A look that is being taken of one store."""

    def __init__(self, store: object) -> None:
        self.store, self.done = store, threading.Event()
        self.result: Look | None = None
        self.ended_at = 0.0
        threading.Thread(target=self._run, name=THREAD, daemon=True).start()

    def _run(self) -> None:
        try:
            self.result = take()
        except Exception:  # a bug: this look says nothing, the next one is taken all the same
            log.exception("a look at the system failed")
        finally:
            self.ended_at = clock.monotonic()
            self.done.set()

    @property
    def is_fresh(self) -> bool:
        return not self.done.is_set() or (self.result is not None and clock.monotonic() - self.ended_at < FRESH_S)


_guard = threading.Lock()
_running: _Running | None = None


def take() -> Look:
    """Look now. Where Redis is away, that is what is seen."""
    report = health.get_health()
    try:
        with connection.errors_translated():
            workers, refusals = stops.now().workers, [stop for stop in stops.of_server() if stop.wrong]
    except Exception:  # whatever it is, health says it
        return Look(clock.now(), report, None, None)
    return Look(clock.now(), report, len(workers), sum(worker.busy for worker in workers), not refusals)


def latest(wait_s: float = WAIT_S) -> Look:
    """A look that is at most a second old; after `wait_s` without one: that Redis does not answer."""
    global _running
    store = _store()
    with _guard:
        if _running is None or _running.store is not store or not _running.is_fresh:
            _running = _Running(store)
        running = _running
    running.done.wait(wait_s)
    if running.result is not None:
        return running.result
    reason = health.Reason(Health.UNHEALTHY, f"Redis did not answer within {wait_s:g} s.", "")
    return Look(clock.now(), Report(Health.UNHEALTHY, [reason], []), None, None)


def _store() -> object:
    """Which connection is in use: a look at another store says nothing of this one."""
    try:
        return connection.client()
    except Exception:  # no address: the look will say so
        return None
