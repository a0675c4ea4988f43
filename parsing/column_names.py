"""What the columns of keyword files are called, by the tools of this trade and in the languages they speak.

They stand in column_names.tsv: those of Google Keyword Planner and Search Console, Ahrefs, Semrush, Moz, SerpBear, Ubersuggest,
AccuRanker, SE Ranking, Mangools, Seobility, Sistrix, Ryte and Naver, taken in November 2026. Names are compared folded
(parsing.names), and a remark in brackets may follow. In each field the names that stand first count more.
"""

import re
from functools import cache

from parsing.names import folded, table

#: Remarks in brackets that make another figure of a column: not the searches of one country.
WORLD = re.compile(r"\((?:global|world|all countries|weltweit|monde|mundial)", re.IGNORECASE)

REMARK = re.compile(r"\s*[(\[（【][^)\]）】]*[)\]）】]\s*$")


@cache
def _fields() -> dict[str, tuple[int, str]]:
    """Folded name → (its place in the list, the field)."""
    found: dict[str, tuple[int, str]] = {}
    for field, names in table("column_names.tsv"):
        for place, name in enumerate(names):
            found.setdefault(folded(name), (place, field))
    return found


def field_of(name: str) -> tuple[int, str] | None:
    """(how much less it counts than other names of the field, the field) that a column of this name holds; None = none of ours.

    >>> field_of("Search Volume (US)"), field_of("Global volume"), field_of("上位のクエリ")[1]
    ((0, 'volume'), None, 'keyword')
    """
    name = name.replace("\ufeff", "")
    known = _fields().get(folded(name)) or _fields().get(folded(name.lower()))
    if known or WORLD.search(name):
        return known
    bare = REMARK.sub("", name)
    return _fields().get(folded(bare)) if bare != name else None
