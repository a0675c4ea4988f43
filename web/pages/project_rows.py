"""Projects as rows: what stands of each in the list, and the filters of that."""

from typing import Any

import wording
from topics.operations import project_lists
from web.pages import filters, tables
from web.pages.filters import Filter
from web.pages.tables import Column, Part

FILTERS = (
    Filter("text", "Name, domain or id"),
    Filter("active", "Checked", (("", "all"), ("true", "active"), ("false", "inactive"))),
)

COLUMNS = (
    Column("name", "Project"),
    Column("domain", "Domain"),
    Column("market", "Market"),
    Column("keywords", "Keywords", "Keywords that are tracked now", True),
    Column("ranked", "Ranked", "Keywords that rank, when counted last", True),
    Column("not_found", "Not found", "Not found as deep as was looked, when counted last", True),
    Column("unknown", "Unknown", "Nothing is known: the last check failed, or there was none lately", True),
    Column("visibility", "Visibility", "Share of all searches for the keywords that see the domain", True),
    Column("change_7", "7 days", "Change of visibility in per cent points", True),
    Column("change_30", "30 days", "Change of visibility in per cent points", True),
    Column("distribution", "Distribution"),
    Column("due", "Due", "Checks that are due now", True),
    Column("late", "Late", "Checks that are due for more than an hour", True),
    Column("problem", "Last problem", "The most frequent reason of unknown ranks, when counted last"),
    Column("counted_at", "Counted"),
)


def read() -> tables.Read:
    """A reader of the projects that the filters let through."""
    values = filters.values(FILTERS)
    active = {"true": True, "false": False}.get(values["active"])

    def read(limit: int, cursor: str) -> Part:
        found = project_lists.glance(limit, cursor, active, values["text"])
        return Part([_row(row) for row in found.rows], found.cursor)

    return read


def _row(row: dict[str, Any]) -> dict[str, Any]:
    standing = row["standing"] or {}
    spread = standing.get("distribution", {})
    ranked = sum(spread[name] for name in ("top_3", "top_10", "top_20", "top_100")) if spread else None
    reason, number = next(iter(standing.get("unknown_reasons", {}).items()), ("", 0))
    changes = standing.get("visibility_changes", {})
    return {
        **row,
        "market": f"{row['country']} {row['language']} {row['device']}" + (f", {row['location']}" if row["location"] else ""),
        "ranked": ranked,
        "not_found": spread.get("not_found"),
        "unknown": spread["unknown"] + spread["unchecked"] if spread else None,
        "visibility": standing.get("visibility"),
        "change_7": changes.get("days_7"),
        "change_30": changes.get("days_30"),
        "distribution": spread,
        "problem": f"{reason}: {wording.pluralize(number, 'keyword')}" if reason else "",
        "reason": reason,
        "counted_at": standing.get("at"),
    }
