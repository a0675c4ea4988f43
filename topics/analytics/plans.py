"""What each type of report is made of."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import errors
from lead_models import Company
from topics.analytics import cohorts, comparison, derived, fields, gaps, overview, tokens
from topics.analytics.comparison import Sides
from topics.analytics.passes import Pass, Past
from topics.analytics.sections import Part, Section

TYPES = ("comprehensive", "summary", "comparison")

#: Days that a report looks back for changed scores, and after which what was read is old.
SINCE_DAYS, STALE_DAYS = 30, 180

#: How a value without a letter is called.
EMPTY = "(empty)"


@dataclass(frozen=True, slots=True)
class Plan:
    """A report to be made. `since`: from when on scores changed; `stale_before`: the day before which what was read is old.

    `within`: the report whose companies count, "" = all. `sides`: what a comparison compares.
    """

    report_type: str
    since: str
    stale_before: str
    within: str = ""
    sides: Sides | None = None


def plan(report_type: str, now: datetime, *, since: str = "", stale_days: int = STALE_DAYS, sides: Sides | None = None) -> Plan:
    """A plan, checked; a comparison without sides compares this moment with `SINCE_DAYS` ago. Raises ArgumentError."""
    if report_type not in TYPES:
        raise errors.ArgumentError(f"report_type is one of {', '.join(TYPES)}, not {report_type!r:.40}.")
    if sides is not None and report_type != "comparison":
        raise errors.ArgumentError("Only the report_type comparison compares two sets.")
    today = now.date()
    since = since or (today - timedelta(SINCE_DAYS)).isoformat()
    if tokens.ms_of(since) < 0:
        raise errors.ArgumentError(f"since is a day after 1970, not {since!r:.40}.")
    if report_type == "comparison" and sides is None:
        sides = Sides("day", since, now.strftime("%Y-%m-%dT%H:%M:%SZ"))
    return Plan(report_type, since, (today - timedelta(stale_days)).isoformat(), sides=sides)


def parts(planned: Plan) -> Sequence[Part]:
    """The sections of a report, in order."""
    inside, since = planned.within, planned.since
    if planned.report_type == "comparison" and planned.sides:
        spreads = ("industry", "country", "size") if planned.sides.by != "day" else ()
        return [comparison.part(planned.sides, inside), *(comparison.spread(planned.sides, one, inside) for one in spreads)]
    if planned.report_type == "summary":
        return [
            overview.overview(inside),
            overview.coverage(inside, derived.CORE),
            *(overview.spread(name, inside, 5) for name in ("industry", "country", "score.band")),
            overview.top(inside, 10),
            gaps.gaps(inside, planned.stale_before),
        ]
    return [
        overview.overview(inside),
        overview.coverage(inside, fields.FACTS),
        *(overview.spread(name, inside) for name in overview.SPREADS),
        overview.top(inside),
        overview.changed(inside, since, lowest=False),
        overview.changed(inside, since, lowest=True),
        gaps.gaps(inside, planned.stale_before),
        cohorts.months(inside),
        cohorts.sources(inside),
    ]


def made(
    planned: Plan, chunks: Iterable[Sequence[Company]], past: Past | None, progress: Callable[[int], None]
) -> dict[str, Any]:
    """The report, in one pass over the companies: `{companies, sections: [{name, title, about, head, columns, lines, …}]}`."""
    asked = Pass()
    makers = [part(asked) for part in parts(planned)]
    asked.run(chunks, past, progress)
    return {"companies": asked.whole, "sections": [_told(make()) for make in makers]}


def _told(section: Section) -> dict[str, Any]:
    return {
        **{name: getattr(section, name) for name in ("name", "title", "about", "head", "chart", "more")},
        "columns": [column._asdict() for column in section.columns],
        "lines": [
            {
                "label": line.label or EMPTY,
                **{name: told for name in ("id", "domain", "show") if (told := getattr(line, name))},
                "figures": {key: figure._asdict() for key, figure in line.figures.items()},
            }
            for line in section.lines
        ],
    }
