"""Alerts: what is wrong now by rule and grade, and what is still to be told."""

from collections import Counter
from collections.abc import Iterator
from itertools import product

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from state.alerts import incidents
from state.engine.snapshot import Snapshot
from topics.alerts import rules

RULES = tuple(rules.Table.model_fields)


def collect(seen: Snapshot) -> Iterator[Metric]:
    """Their families."""
    found = Counter(
        (one.rule if one.rule in RULES else "other", incidents.GRADES[one.grade])
        for one in incidents.current()
        if one.state == "open"
    )
    says = "Alerts that are open: what is wrong by the rules of ALERT_RULES, and was for long enough."
    family = GaugeMetricFamily("trawl_alerts_open", says, labels=["rule", "grade"])
    for rule, grade in product((*RULES, "other"), incidents.GRADES[1:]):
        family.add_metric([rule, grade], found[rule, grade])
    yield family
    says = "What happened to alerts and stands in no message yet: quiet hours, or too many messages in an hour."
    yield GaugeMetricFamily("trawl_alerts_untold", says, value=sum(incidents.waiting()))
