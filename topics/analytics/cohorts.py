"""Companies by where they come from, and by the month in which they came: how many, how complete, how good."""

from collections.abc import Sequence

from topics.analytics import sections
from topics.analytics.grouping import Group
from topics.analytics.overview import REACHABLE
from topics.analytics.queries import Query
from topics.analytics.sections import Column, Part, Section

COLUMNS = (
    Column("count", "Companies"),
    Column("completeness", "Completeness", "percent"),
    Column("emails", "With e-mail", "percent"),
    Column("phones", "With phone", "percent"),
    Column("reachable", "Reachable"),
    Column("score", "Score, mean", "score"),
)

#: Months and sources that are shown.
MONTHS, SOURCES = 24, 20


def months(within: str) -> Part:
    """By the month (UTC) in which they came; the last months."""
    about = "Companies by the month in which they came (UTC): what is known of them now."
    section = Section("months", "By month", about, "Month", COLUMNS, chart="columns")
    return sections.grouped(section, _queries("created.month", within), last_months)


def sources(within: str) -> Part:
    """By where their facts were read."""
    about = "Companies that have something from each source; one with several sources counts for each."
    section = Section("sources", "By source", about, "Source", COLUMNS, chart="bars")
    return sections.grouped(section, _queries("source", within), sections.highest(SOURCES))


def last_months(groups: Sequence[Group]) -> list[str]:
    """The last months up to the latest one, also those in which nobody came.

    >>> last_months([Group("2026-01", "2026-01", 3), Group("2025-11", "2025-11", 1)])
    ['2025-11', '2025-12', '2026-01']
    """
    keys = sorted(one.key for one in groups)
    if not keys:
        return []
    first, last = (int(key[:-3]) * 12 + int(key[-2:]) - 1 for key in (keys[0], keys[-1]))
    return [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in range(max(first, last - MONTHS + 1), last + 1)]


def _queries(by: str, within: str) -> dict[str, Query]:
    return {
        "count": Query("count", by=by, within=within),
        "completeness": Query("mean", "completeness", by=by, within=within),
        "emails": Query("coverage", "emails", by=by, within=within),
        "phones": Query("coverage", "phones", by=by, within=within),
        "reachable": Query("count", by=by, where=REACHABLE, within=within),
        "score": Query("mean", "score", by=by, within=within),
    }
