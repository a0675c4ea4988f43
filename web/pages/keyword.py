"""A keyword: where it stands and stood, its days with what is stored of them, and why it waits."""

from flask import Flask, Response, request

from topics.operations import keyword_looks
from topics.operations.keyword_looks import KeywordLook
from topics.tracking import ranks, stored_days
from web import access
from web.access import Role
from web.pages import frame, keyword_chart, tables
from web.pages.tables import Column, Part

COLUMNS = (
    Column("day", "Day"),
    Column("says", "Rank"),
    Column("url", "Page"),
    Column("title", "Title"),
    Column("features", "Features"),
    Column("provider", "Provider"),
    Column("pages", "Pages fetched", numeric=True),
    Column("tries", "Try", "Which check it was since the last one that read a page.", numeric=True),
    Column("cost", "Credits", "Provider credits of all pages of the check.", numeric=True),
    Column("missing", "Evidence", "The result page as it was read, and as it came."),
)

#: What a file has beside them.
FILE_COLUMNS = (
    *COLUMNS,
    *(Column(key, key) for key in ("state", "rank", "scanned", "approximate", "cited", "sandbox", "reason")),
)

#: Pages of a day that a row leads to: no check has more.
MOST_LINKS = 10

#: Seconds that a file waits for the stored days of one of its parts.
FILE_WAITS_S = 60.0


def register(app: Flask) -> None:
    """The addresses of this page."""
    app.add_url_rule("/keywords/<keyword_id>", "keyword_page", keyword_page)


@access.needs(Role.VIEWER)
def keyword_page(keyword_id: str) -> Response:
    """All of a keyword."""
    look = keyword_looks.of(keyword_id)
    waits = FILE_WAITS_S if "format" in request.args else stored_days.LIST_WAITS_S

    def read(limit: int, cursor: str) -> Part:
        return Part(*keyword_looks.by_day(look, limit, cursor, waits))

    if file := tables.wanted_file("days", FILE_COLUMNS, read):
        return file
    return shown(look, tables.make("days", "Ranks by day, the newest first", COLUMNS, read, _empty(look)))


def shown(
    look: KeywordLook, days: tables.Table, *, status: int = 200, given: dict[str, str] | None = None, wrong: str = ""
) -> Response:
    """The page; `given`: what its form said, `wrong`: what is wrong with that."""
    keyword = look.keyword
    stored = {
        "tags": ", ".join(keyword.tags),
        "volume": "" if keyword.volume is None else str(keyword.volume),
        "target_url": keyword.target_url or "",
    }
    known = look.summary
    return frame.show(
        "keyword.html",
        keyword.text,
        status=status,
        look=look,
        summary=[(name, getattr(known, name)) for name in ("last", "previous", "best", "first")],
        last_known=ranks.last_known(look.ranks),
        chart=keyword_chart.of(look),
        ranges=keyword_chart.RANGES,
        page_numbers=lambda pages: range(1, 1 + min(pages or 0, MOST_LINKS)),
        range=keyword_chart.days_of(),
        days=days,
        form=given or stored,
        wrong=wrong,
    )


def _empty(look: KeywordLook) -> str:
    if look.keyword.archived:
        return "It was never checked, and is archived: unarchive it to have it checked."
    return f"It was never checked: the next tick takes it, or `python manage.py serp check {look.keyword.id}` does."
