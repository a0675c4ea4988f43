"""The columns of the list of keywords: which there are, and which are hidden."""

from flask import request

from web.pages import frame
from web.pages.tables import Column

#: What is always there, and what can be hidden.
TICK, KEYWORD = Column("tick", "✓", "Tick what an action below is for"), Column("keyword", "Keyword")
HIDABLE = (
    Column("rank", "Rank", "Of the last check", True),
    Column("change_1", "1 d", "Places won or lost in the day before the last check, between known ranks", True),
    Column("change_7", "7 d", "Places won or lost in the 7 days before the last check, between known ranks", True),
    Column("change_30", "30 d", "Places won or lost in the 30 days before the last check, between known ranks", True),
    Column("best", "Best", "Best rank of the last 40 checks", True),
    Column("scanned", "Looked at", "Results that the last check read", True),
    Column("course", "30 days", "A line with gaps: a dot is unknown, a dash below is not found"),
    Column("url", "Page", "The page that ranks"),
    Column("features", "Page shows", "What the last result page showed beside results"),
    Column("volume", "Searches", "A month, as imported", True),
    Column("tags", "Tags"),
    Column("checked", "Last try"),
    Column("next", "Next"),
)

#: Of a file: all that is known, whatever is hidden.
FILE = (
    *("id", "keyword", "country", "language", "device", "location", "state", "rank", "says", "change_1", "change_7", "change_30"),
    *(
        "best",
        "scanned",
        "line",
        "url",
        "title",
        "wrong_page",
        "target_url",
        "features",
        "volume",
        "tags",
        "archived",
        "failures",
    ),
    *("checked", "next"),
)


def hidden() -> list[str]:
    """Keys of the columns that the address hides."""
    asked, known = request.args.get("hide", "").split(","), [column.key for column in HIDABLE]
    return [key for key in known if key in asked]


def toggled(hidden: list[str], key: str) -> str:
    """The address of this page with a column hidden, or shown again."""
    wanted = [one for one in hidden if one != key] if key in hidden else [*hidden, key]
    return frame.here(hide=",".join(wanted) or None)
