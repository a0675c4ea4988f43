"""Fingerprints of failures as rows: what went wrong, how often and since when."""

from typing import Any

import logs
from topics.operations.failures import Row
from web.pages import charts
from web.pages.tables import Column

COLUMNS = (
    Column("message", "Message", "Numbers, ids, addresses and quoted texts are folded"),
    Column("kind", "Kind"),
    Column("category", "Error"),
    Column("host", "Host"),
    Column("last_day", "24 h", "Jobs that failed for good in the last 24 hours", numeric=True),
    Column("last_week", "7 days", "Jobs that failed for good in the last seven days", numeric=True),
    Column("count", "All", "Since the first; kept 30 days after the last", numeric=True),
    Column("first", "First"),
    Column("last", "Last"),
    Column("hours", "By hour, 7 days"),
    Column("job", "Example"),
    Column("fingerprint", "Fingerprint"),
)

MUTED = (*COLUMNS, Column("muted_until", "Muted until"), Column("muted_by", "By"), Column("note", "Note"))


def row_of(row: Row) -> dict[str, Any]:
    """A fingerprint as a row: what the page and its files show."""
    one = row.failure
    says = f"{row.last_week:,} in the last 7 days, at most {max(row.hours):,} in an hour"
    return {
        **{name: getattr(one, name) for name in ("kind", "category", "host", "first", "last", "job")},
        "count": one.times,
        "fingerprint": one.id,
        "message": logs.without_secrets(one.shape),
        "example": logs.without_secrets(one.message),
        "last_day": row.last_day,
        "last_week": row.last_week,
        "hours": row.hours,
        "is_new": row.is_new,
        "spark": charts.spark([float(number) for number in row.hours], says),
        "muted_until": one.muted.until if one.muted else None,
        "muted_by": one.muted.actor if one.muted else "",
        "note": one.muted.note if one.muted else "",
    }
