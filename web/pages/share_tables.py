"""The tables of a share link's overview: what moved, tags, days. Each downloads as a file, as tables of other pages do."""

from collections.abc import Mapping
from typing import Any

from web.pages import rank_drawings, tables
from web.pages.tables import Column, Table

#: Where keywords stand, as columns.
STANDS = tuple(Column(name, label, numeric=True) for name, (label, _) in rank_drawings.STANDS.items())
VISIBILITY = Column("visibility", "Visibility", "share of the searches that see the project", numeric=True)

MOVERS = (Column("keyword", "Keyword"), Column("before", "Before", numeric=True), Column("after", "Now", numeric=True))
TAGS, DAYS = (Column("tag", "Tag"), VISIBILITY, *STANDS), (Column("day", "Day"), VISIBILITY, *STANDS)

#: Lists of what moved, and what each is called.
MOVED = {
    "winners": "Won places",
    "losers": "Lost places",
    "new": "Found again or for the first time",
    "lost": "Not found any more",
}


def of(facts: Mapping[str, Any]) -> dict[str, Table]:
    """All tables of an overview, by name."""
    moved = facts["moves"]["days_7"]
    made = {
        name: Table(
            name, f"{label} in seven days, the largest moves", MOVERS, [_moved(one) for one in moved[name]], empty="None."
        )
        for name, label in MOVED.items()
    }
    made["tags"] = Table(
        "tags", "Keywords with each tag", TAGS, [_flat(one) for one in facts["tags"]], empty="No keyword has a tag."
    )
    days = [_flat(one) for one in reversed(facts["course"])]
    made["days"] = Table("days", f"The last {len(days)} days, the newest first", DAYS, days)
    return made


def file(made: Mapping[str, Table]) -> Any:
    """The one of these tables that the address asks for as a file; None where it asks for a page."""
    for name, table in made.items():
        if found := tables.wanted_file(name, table.columns, tables.all_at_once(table.rows)):
            return found
    return None


def _flat(one: Mapping[str, Any]) -> dict[str, Any]:
    return {**one, **one["distribution"]}


def _moved(one: Mapping[str, Any]) -> dict[str, Any]:
    return {name: one[name] for name in ("keyword", "before", "after")}
