"""Budgets: what was spent, is reserved and may be spent this month, by scope."""

from collections.abc import Iterator

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from state.engine.snapshot import Snapshot
from topics import budgets

#: Scopes that are named at most, those that were used last: a name is a series.
NAMED = 50

#: Unit → its name as a label, and how many of the smallest parts make one.
UNITS = {"micro_usd": ("usd", 1_000_000), "milli_credits": ("credits", 1000)}


def collect(seen: Snapshot) -> Iterator[Metric]:
    """Their families."""
    says = f"of this month, by scope; {NAMED} scopes at most."
    labels = ["scope", "unit"]
    spent = GaugeMetricFamily("trawl_budget_spent", f"Settled costs {says}", labels=labels)
    held = GaugeMetricFamily("trawl_budget_reserved", f"Reserved for steps that are not settled yet, {says}", labels=labels)
    limit = GaugeMetricFamily("trawl_budget_limit", f"Limits {says}", labels=labels)
    for one in budgets.every(NAMED):
        for name, (label, parts) in UNITS.items():
            unit = getattr(one, name)
            spent.add_metric([one.scope, label], unit.spent / parts)
            held.add_metric([one.scope, label], unit.held / parts)
            if unit.limit is not None:
                limit.add_metric([one.scope, label], unit.limit / parts)
    yield from (spent, held, limit)
