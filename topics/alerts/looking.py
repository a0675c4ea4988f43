"""What all looks share: the rules, what is open already, one snapshot, and how a finding is made."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from models import Stop
from state.alerts.incidents import CRITICAL, WARNING, Finding
from state.engine.snapshot import Snapshot
from topics.alerts.rules import Rule, Rules
from topics.operations import stops

#: An open incident ends below this share of its threshold, so that a figure around the threshold makes no storm.
CALM_SHARE = 0.8

GRADES = {"warning": WARNING, "critical": CRITICAL}


@dataclass
class Look:
    """One look: the rules, and the keys of what is open."""

    rules: Rules
    open: set[str]

    @cached_property
    def seen(self) -> Snapshot:
        """The snapshot that all rules share."""
        return stops.now()

    @cached_property
    def stops(self) -> list[Stop]:
        """What stops work."""
        return stops.of(self.seen)

    def is_at(self, key: str, value: float, threshold: float) -> bool:
        """Whether a figure is at its threshold, or near enough where it was there before."""
        return value >= threshold * (CALM_SHARE if key in self.open else 1)


def finding(key: str, rule: Rule, title: str, says: str, fix: str = "", **more: Any) -> Finding:
    """A finding of a rule; the name of the rule is what stands before the first colon of its key."""
    more.setdefault("grade", GRADES[rule.grade])
    name, for_s, clear_s = key.partition(":")[0], rule.for_min * 60, rule.clear_min * 60
    return Finding(key, name, title=title, says=says, fix=fix, for_s=for_s, clear_s=clear_s, **more)


def of_stop(key: str, rule: Rule, title: str, stop: Stop) -> Finding:
    """The finding of a stop."""
    return finding(key, rule, title, stop.says, stop.fix)
