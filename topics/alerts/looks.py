"""All rules with their looks, and one run of them."""

import logging
from collections.abc import Callable, Iterator
from typing import NamedTuple

from errors import StoreUnreachable, TrawlError, UnsafeStore
from state.alerts import incidents
from state.alerts.incidents import Finding
from topics.alerts import drop_looks, queue_looks, system_looks, work_looks
from topics.alerts.looking import Look
from topics.alerts.rules import Rules

log = logging.getLogger("trawl.alerts")

#: The looks, by the name of their rule.
LOOKS: dict[str, Callable[[Look], Iterator[Finding]]] = {
    "failures": work_looks.failing,
    "health": system_looks.unhealthy,
    "breaker": work_looks.broken_off,
    "queue": queue_looks.backed_up,
    "no_worker": system_looks.unserved,
    "schedule": system_looks.late,
    "budget": work_looks.spent,
    "rank_drop": drop_looks.fallen,
    "suspect": drop_looks.suspect,
}


class Found(NamedTuple):
    """What is wrong now; `blind`: rules that could not look, so that nothing of theirs is over."""

    findings: list[Finding]
    blind: set[str]


def run(rules: Rules) -> Found:
    """Look by every rule that is on. One that breaks stops no other. Raises StoreUnreachable and UnsafeStore. Reads only."""
    look, found = Look(rules, incidents.open_keys()), Found([], set())
    for name, look_at in LOOKS.items():
        if not getattr(rules.rules, name).enabled:
            continue
        try:
            found.findings.extend(look_at(look))
        except (StoreUnreachable, UnsafeStore):
            raise
        except (TrawlError, ValueError, KeyError, TypeError) as exc:
            log.warning("The rule %s of alerts could not look: %s", name, exc, extra={"rule": name})
            found.blind.add(name)
    return found
