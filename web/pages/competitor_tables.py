"""The tables of competitors: who is loud, what gained and lost, features, keyword by keyword."""

from collections.abc import Mapping, Sequence
from typing import Any

from topics.tracking import head_to_head, voices
from web.errors import Problem
from web.pages import tables
from web.pages.filters import Filter
from web.pages.tables import Column

LEADERS = (
    Column("domain", "Domain"),
    Column("share", "Share of voice", voices.FORMULA, numeric=True),
    Column("change", "Change", "Of the share of voice, since the days that the filter says", numeric=True),
    Column("visibility", "Visibility", "As the project's own: of all searches, how many see it", numeric=True),
    Column("keywords", "Keywords", "On whose result pages it stands", numeric=True),
    Column("top_3", "Top 3", "Keywords where it ranks 1 to 3", numeric=True),
    Column("top_10", "Top 10", "Keywords where it ranks 1 to 10", numeric=True),
    Column("above", "Above us", "Keywords where it ranks and we do not, or lower", numeric=True),
    Column("below", "Below us", "Keywords where we rank higher", numeric=True),
    Column("pinned", "Pinned"),
)
MOVERS = (
    Column("domain", "Domain"),
    Column("change", "Change", numeric=True),
    Column("before", "Before", numeric=True),
    Column("share", "Now", numeric=True),
)
FEATURES = (
    Column("feature", "Feature"),
    Column("keywords", "Keywords", "On whose result pages it stands", numeric=True),
    Column("share", "Share", "Of the keywords that are counted", numeric=True),
    Column("before", "A week ago", numeric=True),
    Column("ours", "Names us", "Keywords where the AI overview has us among its sources", numeric=True),
    Column("known", "Of so many", "AI overviews whose sources were read; of others nobody knows", numeric=True),
)

MATRIX = (
    Column("keyword", "Keyword"),
    Column("volume", "Volume", "Searches a month", numeric=True),
    Column("ours", "We", numeric=True),
)
SINCE = Filter("since", "Change since", (("days_7", "7 days"), ("days_1", "1 day"), ("days_28", "28 days")))

EMPTY = "Nothing to show: no result page was read lately. `python manage.py serp batch` queues the checks that are due."
UNMOVED = "None, as far as both days are known."


def of(project_id: str, facts: Mapping[str, Any] | None, since: str) -> dict[str, tuple[str, Sequence[Column], tables.Read]]:
    """The tables of the page: name → caption, columns, reader."""
    days, compared = dict(SINCE.choices)[since], rivals(facts)

    def keywords(limit: int, cursor: str) -> tables.Part:
        found = head_to_head.matrix(project_id, compared, limit, cursor)
        rows = [{**row, **{f"rank {domain}": rank for domain, rank in row["ranks"].items()}} for row in found.rows]
        return tables.Part(rows, found.cursor)

    matrix = (*MATRIX, *(Column(f"rank {domain}", domain, numeric=True) for domain in compared))
    moved: Mapping[str, Any] = facts["movers"][since] if facts else {"gained": [], "lost": []}
    return {
        "leaders": ("Domains by share of voice", LEADERS, some(_leaders(facts, since) if facts else [])),
        "keywords": ("Keywords head to head", matrix, keywords),
        "gained": (f"Gained most in {days}", MOVERS, some(moved["gained"])),
        "lost": (f"Lost most in {days}", MOVERS, some(moved["lost"])),
        "features": ("Features of the result pages", FEATURES, some(facts["features"] if facts else [])),
    }


def rivals(facts: Mapping[str, Any] | None) -> list[str]:
    """The domains beside ours: the pinned ones; without pins, the loudest."""
    return list(facts["pins"] or facts["charted"]) if facts else []


def _leaders(facts: Mapping[str, Any], since: str) -> list[dict[str, Any]]:
    """The domains with the project itself among them, the loudest first."""
    if not facts["counted"]:
        return []
    rows = [{**facts["ours"], "is_ours": True}, *facts["leaders"]]
    rows = [{**row, "change": row["changes"][since]} for row in rows]
    return sorted(rows, key=lambda row: -(row["share"] or 0))


#: Rows of a table of which all are there.
SHOWN = 20


def some(rows: Sequence[tables.Row]) -> tables.Read:
    """A reader of rows that are there already, some at a time; the cursor is the number of the next one."""

    def read(limit: int, cursor: str) -> tables.Part:
        if cursor and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 6):
            raise Problem(422, f"The cursor {cursor!r:.40} is none of this table.")
        first = int(cursor or 0)
        last = first + (limit if limit > tables.ROWS else min(limit, SHOWN))
        return tables.Part(rows[first:last], str(last) if last < len(rows) else "")

    return read
