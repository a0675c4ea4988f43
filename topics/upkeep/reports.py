"""Reports of what keeps house: what was done, what Redis refused, memory before and after. The last 200 of each kind are kept."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import clock
import queues
from errors import ArgumentError
from state.engine import upkeep_reports
from state.store import connection, measures

#: The kinds of upkeep, as commands and routes call them.
CLEANUP, STATISTICS, HEALTH, OPTIMIZE = KINDS = ("cleanup", "statistics", "health-check", "optimize")

#: Lines that a report keeps, and characters of each.
MOST_LINES, MOST_CHARS = 60, 400


@dataclass(frozen=True, slots=True)
class Report:
    """What one run did. `lines` are sentences; `facts` the same for programs; `refused` what Redis did not allow.

    `failed`: what ended it early, "" = nothing. `job`: the job that did it, "" = somebody by hand.
    """

    kind: str
    at: datetime
    took_s: float
    memory_before: int | None
    memory_after: int | None
    job: str = ""
    failed: str = ""
    lines: Sequence[str] = ()
    refused: Sequence[str] = ()
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Draft:
    """A report that is being written."""

    lines: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    def say(self, line: str) -> None:
        """Write a sentence; "" writes none."""
        if line and len(self.lines) < MOST_LINES:
            self.lines.append(line[:MOST_CHARS])

    def refuse(self, line: str) -> None:
        """Write what Redis did not allow; "" writes none."""
        if line:
            self.refused.append(line[:MOST_CHARS])


def made(kind: str, work: Callable[[Draft], object]) -> Report:
    """Do some work and keep its report, also of work that breaks off; then its error is raised again."""
    draft, at, began = Draft(), connection.now(), clock.monotonic()
    before, failed = measures.memory().used, ""
    try:
        work(draft)
    except Exception as exc:
        failed = f"{type(exc).__name__}: {exc}"[:MOST_CHARS]
        raise
    finally:
        report = Report(
            kind,
            at,
            round(clock.monotonic() - began, 3),
            before,
            measures.memory().used if not failed else None,
            queues.current_job_id() or "",
            failed,
            draft.lines,
            draft.refused,
            draft.facts,
        )
        with suppress(Exception) if failed else nullcontext():  # what broke the work may be the store itself
            upkeep_reports.put(kind, as_dict(report))
    return report


def as_dict(report: Report) -> dict[str, Any]:
    """A report as JSON holds it."""
    return {**asdict(report), "at": report.at.isoformat()}


def latest(kind: str | None = None, most: int = 20) -> list[Report]:
    """The last reports, of all kinds or of one, the newest first. Raises ArgumentError for no kind. Reads only."""
    if kind is not None and kind not in KINDS:
        raise ArgumentError(f"no upkeep is called {kind!r:.40}: there are {', '.join(KINDS)}.")
    with connection.errors_translated():
        kept = upkeep_reports.latest([kind] if kind else KINDS, most)
    found = [report for one in kept if (report := _report(one))]
    return sorted(found, key=lambda report: report.at, reverse=True)[:most]


def last(kind: str) -> Report | None:
    """The last report of a kind; None where there is none."""
    return next(iter(latest(kind, 1)), None)


def _report(kept: dict[str, Any]) -> Report | None:
    try:
        return Report(**{**kept, "at": datetime.fromisoformat(kept["at"])})
    except (KeyError, TypeError, ValueError):  # another version wrote it
        return None
