"""How executions ended, and how long they took: counters since the first of the month (UTC), the same from every web process.

Redis keeps counts by the hour. All hours of the month are added up, so a counter survives restarts, and is reset when a month
begins, which Prometheus takes for the restart of a counter. Hours that are over are read once.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily

from errors import CATEGORIES
from state.engine import hourly
from state.engine.hourly import HOUR_S, Hour
from state.engine.snapshot import Snapshot
from web.metrics import labels

#: What the counts say → our words.
OUTCOMES = {
    "finished": "completed",
    "failed": "failed",
    "canceled": "cancelled",
    "stopped": "stopped",
    "retry": "retried",
    "parked": "parked",
    "rescued": "rescued",
    "poisoned": "poisoned",
}

#: Executions whose duration is told.
TIMED = ("finished", "failed", "retry")

#: Upper bounds of the histogram, in binary digits of ms: 1 ms, 16 ms, 64 ms … 70 minutes.
DIGITS = (0, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22)

#: Hours read in one round trip, and how many of the last are read at each scrape: their counts may still grow.
CHUNK, OPEN = 100, 2


class Outcomes:
    """The counts of the month; hours that are over are kept here."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._month, self._next = -1, 0
        self._closed = Hour(datetime.fromtimestamp(0, UTC))

    def collect(self, seen: Snapshot) -> Iterator[Metric]:
        """The families."""
        month = self.total(seen.now)
        known = labels.kinds()
        yield from _ended(month, known)
        yield _durations(month, known)
        missed = "Occurrences of the schedule that were left out because no scheduler ran, since the first of the month."
        yield CounterMetricFamily("trawl_schedule_missed", missed, value=month.count("missed", kind=hourly.SCHEDULE))

    def total(self, now: datetime) -> Hour:
        """All that was counted since the month began."""
        begin = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        first, present = int(begin.timestamp()) // HOUR_S, int(now.timestamp()) // HOUR_S
        with self._guard:
            if first != self._month:
                self._month = self._next = first
                self._closed = Hour(begin)
            last_closed = max(first, present - OPEN + 1)
            while self._next < last_closed:
                numbers = range(self._next, min(self._next + CHUNK, last_closed))
                self._closed = hourly.total([self._closed, *hourly.read(numbers)])
                self._next = numbers.stop
            return hourly.total([self._closed, *hourly.read(range(self._next, present + 1))])


def _ended(month: Hour, known: frozenset[str]) -> Iterator[Metric]:
    ends = Counter({(kind, outcome): 0 for kind in known for outcome in OUTCOMES.values()})  # a rate needs the 0 before the 1
    errors = Counter({(kind, category): 0 for kind in known for category in CATEGORIES})
    for (kind, outcome, category, _), count in month.counts.items():
        if outcome in OUTCOMES:
            ends[labels.kind(kind, known), OUTCOMES[outcome]] += count
        if category in CATEGORIES:
            errors[labels.kind(kind, known), category] += count
    family = CounterMetricFamily(
        "trawl_executions", "Executions by how they ended, since the first of the month.", labels=["kind", "outcome"]
    )
    for names, count in sorted(ends.items()):
        family.add_metric(names, count)
    yield family
    family = CounterMetricFamily(
        "trawl_execution_errors",
        "Errors of executions by category, those that are retried too, since the first of the month.",
        labels=["kind", "category"],
    )
    for names, count in sorted(errors.items()):
        family.add_metric(names, count)
    yield family


def _durations(month: Hour, known: frozenset[str]) -> Metric:
    buckets: dict[str, Counter[int]] = {kind: Counter() for kind in known}
    seconds: Counter[str] = Counter()
    for (kind, outcome, _, digits), count in month.counts.items():
        if outcome in TIMED:
            buckets.setdefault(labels.kind(kind, known), Counter())[digits] += count
    for (kind, outcome), ms in month.ms.items():
        if outcome in TIMED:
            seconds[labels.kind(kind, known)] += ms
    family = HistogramMetricFamily(
        "trawl_execution_duration_seconds", "How long executions took that completed, failed or are retried.", labels=["kind"]
    )
    for kind, counts in sorted(buckets.items()):
        bounds = [(str(2**most / 1000), sum(count for digits, count in counts.items() if digits <= most)) for most in DIGITS]
        family.add_metric([kind], [*bounds, ("+Inf", counts.total())], seconds[kind] / 1000)
    return family
