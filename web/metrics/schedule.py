"""The schedule: whether somebody looks at it, and how late its entries are."""

from collections.abc import Iterator

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from scheduling import recurrence
from state.engine.snapshot import Entry, Snapshot


def collect(seen: Snapshot) -> Iterator[Metric]:
    """Its families."""
    now_s = seen.now.timestamp()
    yield GaugeMetricFamily(
        "trawl_scheduler_up", "1 where a scheduler was alive within the last minute.", value=seen.scheduler_alive
    )
    entries = GaugeMetricFamily(
        "trawl_schedule_entries", "Entries of the schedule; one that is off is disabled or was never armed.", labels=["state"]
    )
    armed = sum(one.due is not None for one in seen.entries)
    entries.add_metric(["armed"], armed)
    entries.add_metric(["off"], len(seen.entries) - armed)
    yield entries
    late = max((_late_s(one, now_s) for one in seen.entries), default=0.0)
    yield GaugeMetricFamily(
        "trawl_schedule_lateness_seconds", "How late the entry is that should have run first; 0 = none is.", value=late
    )


def _late_s(one: Entry, now_s: float) -> float:
    """How long an entry has been due; one that waits for its last occurrence is not late."""
    if one.due is None or one.seen.waited or not recurrence.is_time(one.due):
        return 0.0
    return max(0.0, now_s - one.due)
