"""What keeps work from going on: stops by name, halts, pauses, and the month of the budgets."""

from collections import Counter
from collections.abc import Iterator

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from state.budgets import periods
from state.engine.snapshot import Snapshot
from topics.operations import stops

#: Every stop that a look finds, by its name as a label; others that may come count as `other`.
NAMES = {
    "suspended": "suspended",
    "no worker": "no_worker",
    "stalled": "stalled",
    "halted": "halted",
    "no scheduler": "no_scheduler",
    "scheduler late": "scheduler_late",
    "not armed": "not_armed",
    "limit": "limit",
    "paused": "paused",
    "broken entry": "broken_entry",
}


def collect(seen: Snapshot) -> Iterator[Metric]:
    """Their families."""
    wrong: Counter[str] = Counter(dict.fromkeys([*NAMES.values(), "other"], 0))
    wanted = Counter(wrong)
    for stop in stops.of(seen):
        (wrong if stop.wrong else wanted)[NAMES.get(stop.name, "other")] += 1
    family = GaugeMetricFamily(
        "trawl_stops", "What stops work or a part of it; `wrong` where nobody meant it.", labels=["name", "wrong"]
    )
    for name, count in wrong.items():
        family.add_metric([name, "true"], count)
        family.add_metric([name, "false"], wanted[name])
    yield family
    yield GaugeMetricFamily("trawl_suspended", "1 while workers are suspended.", value=seen.suspended_ms is not None)
    yield GaugeMetricFamily(
        "trawl_fetching_halted", "1 while the provider refuses all of us: no credits, a bad token.", value=bool(seen.halted)
    )
    yield GaugeMetricFamily("trawl_pauses", "Scopes that somebody paused.", value=seen.paused)
    began = periods.began(seen.now.strftime("%Y-%m"))
    value = began.timestamp() if began else 0.0
    yield GaugeMetricFamily(
        "trawl_budget_month_began_timestamp_seconds", "When the budgets of this month began; 0 = not yet.", value=value
    )
