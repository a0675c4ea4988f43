"""The collector: every part reads for itself, and one that fails leaves the others alone and is counted."""

import logging
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from flask import has_request_context, request
from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

import clock
from errors import StoreUnreachable
from state.engine.snapshot import Snapshot
from state.store import connection
from topics.operations import stops
from web.metrics import alerts, budgets, hosts, outcomes, schedule, stopped, store, work

log = logging.getLogger("trawl.web")


Part = Callable[[Snapshot], Iterable[Metric]]

#: Seconds after which a scrape begins no further part, unless Prometheus says that it waits for less.
LONGEST_S = 5.0


class Collector:
    """Asked by prometheus_client at each scrape."""

    def __init__(self) -> None:
        counts = outcomes.Outcomes()
        self._parts: dict[str, Part] = {
            "work": work.collect,
            "outcomes": counts.collect,
            "schedule": schedule.collect,
            "stops": stopped.collect,
            "hosts": hosts.collect,
            "budgets": budgets.collect,
            "alerts": alerts.collect,
            "store": store.collect,
        }
        self._failed: Counter[str] = Counter(dict.fromkeys(("redis", *self._parts), 0))
        self._guard = threading.Lock()

    def collect(self) -> Iterator[Metric]:
        """All families of this moment. Without Redis only that it is away, and what this process counts itself."""
        began = clock.monotonic()
        seen = self._look()
        yield GaugeMetricFamily("trawl_redis_up", "1 where Redis answered this scrape.", value=seen is not None)
        if seen is not None:
            deadline = began + _patience_s()
            for name, part in self._parts.items():
                yield from self._of(name, part, seen, deadline)
        failed = CounterMetricFamily(
            "trawl_scrape_errors", "Parts of a scrape that failed in this process; the log says why.", labels=["part"]
        )
        with self._guard:
            for name, count in sorted(self._failed.items()):
                failed.add_metric([name], count)
        yield failed
        lasted = clock.monotonic() - began
        yield GaugeMetricFamily("trawl_scrape_duration_seconds", "How long this scrape took.", value=lasted)

    def _look(self) -> Snapshot | None:
        try:
            with connection.errors_translated():
                return stops.now()
        except Exception as exc:
            self._fail("redis", exc)
            return None

    def _of(self, name: str, part: Part, seen: Snapshot, deadline: float) -> list[Metric]:
        try:
            if clock.monotonic() > deadline:
                raise StoreUnreachable("Redis is slow: the time of the scrape was over.")
            with connection.errors_translated():
                return list(part(seen))
        except Exception as exc:
            self._fail(name, exc)
            return []

    def _fail(self, name: str, exc: Exception) -> None:
        with self._guard:
            self._failed[name] += 1
        expected = isinstance(exc, StoreUnreachable)
        log.warning("A scrape of /metrics lacks a part", extra={"part": name, "reason": str(exc)[:500]}, exc_info=not expected)


def _patience_s() -> float:
    """How long this scrape may take: a little less than the header of Prometheus says."""
    given = request.headers.get("X-Prometheus-Scrape-Timeout-Seconds", "") if has_request_context() else ""
    if not re.fullmatch(r"\d{1,6}(\.\d{1,9})?", given):
        return LONGEST_S
    return min(LONGEST_S, max(0.5, 0.8 * float(given)))
