"""Names of the columns in keyword files, by tool and language.

column_names.tsv has the names of Google Keyword Planner and Search Console, Ahrefs, Semrush, Moz, SerpBear, Ubersuggest,
AccuRanker, SE Ranking, Mangools, Seobility, Sistrix, Ryte and Naver, taken in November 2026. Names are compared folded
(parsing.names). A remark in brackets may follow a name. In each field the first names count more.
"""

import re
from functools import cache

from parsing.names import folded, table

#: Remarks in brackets that change a figure: not the searches of one country.
WORLD = re.compile(r"\((?:global|world|all countries|weltweit|monde|mundial)", re.IGNORECASE)

REMARK = re.compile(r"\s*[(\[（【][^)\]）】]*[)\]）】]\s*$")


@cache
def _fields() -> dict[str, tuple[int, str]]:
    """Folded name → (its number in the list, the field)."""
    found: dict[str, tuple[int, str]] = {}
    for field, names in table("column_names.tsv"):
        for place, name in enumerate(names):
            found.setdefault(folded(name), (place, field))
    return found


def field_of(name: str) -> tuple[int, str] | None:
    """(how many names of the field count more, the field) for the name of a column; None = no field of ours.

    >>> field_of("Search Volume (US)"), field_of("Global volume"), field_of("上位のクエリ")[1]
    ((0, 'volume'), None, 'keyword')
    """
    name = name.replace("\ufeff", "")
    known = _fields().get(folded(name)) or _fields().get(folded(name.lower()))
    if known or WORLD.search(name):
        return known
    bare = REMARK.sub("", name)
    return _fields().get(folded(bare)) if bare != name else None
