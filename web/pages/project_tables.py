"""The tables of a project: what moved, what is unknown and why, tags, its course, its notes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import clock
import models
from topics.tracking import notes, overview
from web.pages import rank_drawings, tables
from web.pages.tables import Column

MOVERS = (
    Column("keyword", "Keyword"),
    Column("before", "Before", numeric=True),
    Column("after", "Now", numeric=True),
    Column("id", "Id"),
)


class Moves(NamedTuple):
    """A table of movers: its name, what it holds, and the filter that takes all of them."""

    name: str
    says: str
    kind: str
    moved: str


MOVES = (
    Moves("winners", "Winners", "up", "up"),
    Moves("losers", "Losers", "down", "down"),
    Moves("new", "New: not found before", "new", "new"),
    Moves("lost", "Lost: not found any more", "lost", "lost"),
)

UNKNOWN = (
    Column("reason", "Why unknown"),
    Column("keywords", "Keywords", numeric=True),
    Column("next_try", "Next try", "When the first of them is checked again"),
)

TAGS = (
    Column("tag", "Tag"),
    Column("keywords", "Keywords", numeric=True),
    Column("visibility", "Visibility", numeric=True),
    Column("distribution", "Distribution"),
)

COURSE = (
    Column("day", "Day"),
    Column("visibility", "Visibility", numeric=True),
    *(Column(name, label, numeric=True) for name, (label, _) in rank_drawings.STANDS.items()),
)

NOTES = (Column("day", "Day"), Column("text", "What happened"), Column("actor", "Noted by"))

Made = tuple[Sequence[Column], Sequence[tables.Row], str, str]


def of(project: models.Project, found: Mapping[str, Any] | None, since: str, written: Sequence[notes.Note]) -> dict[str, Made]:
    """Every table of the page by its name: columns, rows, caption, what stands in place of no rows."""
    noted = [one._asdict() for one in reversed(written)]
    caption = f"Notes of {overview.DAYS} days"
    made: dict[str, Made] = {"notes": (NOTES, noted, caption, "No note yet: charts show one as a line on its day.")}
    if found is None:
        return made
    moved = found["moves"][f"days_{since}"]
    for one in MOVES:
        caption = f"{one.says}, {since} d: {min(len(moved[one.name]), overview.MOVERS)} of {moved['counts'][one.kind]:,}"
        made[one.name] = (MOVERS, moved[one.name], caption, "None.")
    made["unknown"] = (UNKNOWN, _unknown(found), "Unknown ranks by reason", "Every rank is known.")
    empty = f"No keyword has a tag: `python manage.py keyword set TEXT --project {project.id} --tag TAG` gives it one."
    made["tags"] = (TAGS, [_tag(one) for one in found["tags"]], f"Tags, the {overview.TAGS} largest", empty)
    made["course"] = (COURSE, [_day(one) for one in found["course"][::-1]], f"{overview.DAYS} days", "")
    return made


def _unknown(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """By reason, with when the first of them is tried again; `is_due`: it is due already."""
    counts = {**found["unknown_reasons"], "": found["distribution"]["unchecked"]}
    tries, now = found.get("next_tries", {}), clock.now()
    at = {reason: datetime.fromisoformat(tries[reason]) for reason in counts if reason in tries}
    return [
        {"reason": reason, "keywords": number, "next_try": at.get(reason), "is_due": reason in at and at[reason] <= now}
        for reason, number in counts.items()
        if number
    ]


def _tag(one: Mapping[str, Any]) -> dict[str, Any]:
    return {**one, "keywords": sum(one["distribution"].values())}


def _day(one: Mapping[str, Any]) -> dict[str, Any]:
    return {"day": one["day"], "visibility": one["visibility"], **one["distribution"]}
