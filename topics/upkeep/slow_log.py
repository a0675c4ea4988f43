"""What was slow in Redis since the last report of the same kind: commands by their name, how many and how long at most."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import wording
from state.store import slow_commands
from state.store.slow_commands import Slow
from topics.upkeep import reports
from topics.upkeep.reports import Draft

#: Commands that are named in a report.
MOST_NAMED = 10


def tell(draft: Draft, kind: str) -> None:
    """Write what was slow since the last report of that kind."""
    told = slow_commands.slow_log()
    draft.refuse(told.refused)
    if told.refused:
        return
    before = _last(reports.last(kind))
    new = [one for one in told.entries if (one.at.timestamp(), one.number) > before]
    groups = _groups(new)
    draft.facts["slow_log"] = {"new": len(new), "commands": groups, "last": _mark(told.entries, before)}
    if not new:
        draft.say("No slow command since the last report." if before[0] else "The slow log is empty.")
        return
    more = " at least, as Redis keeps no more" if len(told.entries) >= slow_commands.MOST_SLOW == len(new) else ""
    draft.say(f"{wording.pluralize(len(new), 'slow command')} since the last report{more}:")
    for one in groups:
        draft.say(f"  {one['command']}: {one['times']:,} ×, {one['longest_ms']:g} ms at most, last at {one['last_at']}")


def _groups(found: Sequence[Slow]) -> list[dict[str, Any]]:
    """By command, the longest first."""
    by_command: dict[str, list[Slow]] = {}
    for one in found:
        by_command.setdefault(one.command, []).append(one)
    groups = [
        {
            "command": command,
            "times": len(some),
            "longest_ms": max(one.took_ms for one in some),
            "last_at": _text(max(one.at for one in some)),
        }
        for command, some in by_command.items()
    ]
    return sorted(groups, key=lambda one: -float(str(one["longest_ms"])))[:MOST_NAMED]


def _mark(found: Sequence[Slow], before: tuple[float, int]) -> list[float]:
    """The last entry that was told; a server that started anew counts from 0, so the time comes first."""
    return list(max([(one.at.timestamp(), one.number) for one in found], default=before))


def _last(report: reports.Report | None) -> tuple[float, int]:
    told: Mapping[str, Any] = report.facts.get("slow_log", {}) if report else {}
    try:
        at, number = told["last"]
        return float(at), int(number)
    except (KeyError, TypeError, ValueError):
        return 0.0, -1


def _text(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S UTC")
