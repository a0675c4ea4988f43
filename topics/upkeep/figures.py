"""The figures of every hour, and what they say of the store's growth."""

from typing import Any

import clock
from state.store import measures
from topics.operations import maintenance
from topics.upkeep import growth, reports
from topics.upkeep.reports import Draft, Report

HOUR_S = 3600


def record(due_s: int | None = None) -> Report:
    """Keep the figures of the hour that ended at `due_s` (seconds since 1970); None: of the last whole hour."""
    until_s = due_s if due_s is not None else int(clock.now().timestamp()) // HOUR_S * HOUR_S
    return reports.made(reports.STATISTICS, lambda draft: _record(draft, until_s))


def tell_growth(draft: Draft) -> None:
    """Write how the store grows, and when it is full."""
    found = growth.forecast(measures.memory(), clock.now())
    draft.facts["growth"] = {
        "bytes_a_day": found.a_day,
        "full_on": found.full_on.isoformat() if found.full_on else None,
    }
    draft.say(found.says)


def _record(draft: Draft, until_s: int) -> None:
    kept: dict[str, Any] = maintenance.keep_figures(until_s)
    draft.facts["figures"] = kept
    waiting = sum(kept["queue_depths"].values())
    draft.say(f"{kept['keywords']:,} keywords, {waiting:,} waiting jobs and {kept['workers']:,} workers are in the figures.")
    tell_growth(draft)
