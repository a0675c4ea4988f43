"""A keyword: where it stands and stood, its days with what is stored of them, why it waits, and what is known of it."""

from datetime import UTC, date, datetime, time

from flask import Flask, Response, request

import wording
from errors import ArgumentError
from jobs import serp
from parsing import cells
from state.tracking import keywords
from topics.operations import keyword_looks
from topics.operations.keyword_looks import KeywordLook
from topics.tracking import asking, descriptions, projects, ranks, stored_days
from web import access, remedies
from web.access import Role
from web.pages import charts, filters, frame, tables
from web.pages.filters import Filter
from web.pages.tables import Column, Part

#: Days of the chart, and what is shown where the address does not say.
RANGES, DEFAULT = (("7", "7 days"), ("30", "30 days"), ("90", "90 days"), ("365", "A year"), ("all", "All")), "90"

FILTERS = (Filter("range", "range", RANGES),)

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
    for name, view in (("set", describe), ("archive", archive), ("unarchive", unarchive), ("check", check_now)):
        app.add_url_rule(f"/keywords/<keyword_id>/{name}", f"keyword_{name}_page", view, methods=["POST"])


@access.needs(Role.VIEWER)
def keyword_page(keyword_id: str) -> Response:
    """All of a keyword."""
    look = keyword_looks.of(keyword_id)
    waits = FILE_WAITS_S if "format" in request.args else stored_days.LIST_WAITS_S

    def read(limit: int, cursor: str) -> Part:
        return Part(*keyword_looks.by_day(look, limit, cursor, waits))

    if file := tables.wanted_file("days", FILE_COLUMNS, read):
        return file
    return _shown(look, tables.make("days", "Ranks by day, the newest first", COLUMNS, read, _empty(look)))


@access.needs(Role.OPERATOR)
def describe(keyword_id: str) -> Response:
    """Write tags, volume and target page as the form has them; what is wrong is said above the form."""
    keyword = projects.find_keyword(keyword_id)
    given = {name: request.form.get(name, "").strip() for name in ("tags", "volume", "target_url")}
    try:
        volume = cells.volume(given["volume"]) if given["volume"] else -1
        if volume is None:
            raise ArgumentError(f"volume {given['volume']!r:.40} is no number of searches a month")
        wanted = descriptions.checked(cells.tags(given["tags"]), volume, given["target_url"])
    except ArgumentError as exc:
        look = keyword_looks.of(keyword_id)
        days = tables.Table("days", "Ranks by day", COLUMNS, (), empty="Left out: mend the form first.")
        return _shown(look, days, status=422, given=given, wrong=remedies.for_the_api(str(exc))[0])
    gone = [tag for tag in keyword.tags if tag not in (wanted.tags or ())]
    changed = descriptions.change([keyword], wanted, gone)
    return frame.done(f"/keywords/{keyword.id}", "Changed." if changed else "It was like that already.")


@access.needs(Role.OPERATOR)
def archive(keyword_id: str) -> Response:
    """Check it no more; its history stays."""
    keyword = projects.find_keyword(keyword_id)
    changed = keywords.archive_many([keyword], True)
    return frame.done(
        f"/keywords/{keyword.id}", "Archived: it is not checked any more." if changed else "It was archived already."
    )


@access.needs(Role.OPERATOR)
def unarchive(keyword_id: str) -> Response:
    """Check it again."""
    keyword = projects.find_keyword(keyword_id)
    changed = keywords.archive_many([keyword], False)
    return frame.done(f"/keywords/{keyword.id}", "It is checked again." if changed else "It was not archived.")


@access.needs(Role.OPERATOR)
def check_now(keyword_id: str) -> Response:
    """Say what a check buys at most, then queue it."""
    keyword = projects.find_keyword(keyword_id)
    page = f"/keywords/{keyword.id}"
    if not frame.is_confirmed():
        pages = wording.pluralize(asking.price([keyword])["pages_at_most"], "result page")
        says = f"A check of {keyword.text!r} now buys at most {pages} from the provider, also where today's rank is known."
        return frame.confirm("Check now?", says, f"{page}/check", button=f"Check now, for at most {pages}", back=page)
    done = asking.check_now(serp.track_keyword, [keyword])
    [one] = done["checks"]
    says = f"The job {one['job_id']} has it in hand already." if one["duplicate_of"] else f"Queued as the job {one['job_id']}."
    return frame.done(page, " ".join([says, *done["warnings"]]))


def _shown(
    look: KeywordLook, days: tables.Table, *, status: int = 200, given: dict[str, str] | None = None, wrong: str = ""
) -> Response:
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
        chart=_chart(look),
        ranges=RANGES,
        page_numbers=lambda pages: range(1, 1 + min(pages or 0, MOST_LINKS)),
        range=_range(),
        days=days,
        form=given or stored,
        wrong=wrong,
    )


def _range() -> str:
    return filters.values(FILTERS)["range"] or DEFAULT


def _chart(look: KeywordLook) -> charts.Chart:
    chosen = _range()
    course, noted = keyword_looks.drawn(look, None if chosen == "all" else int(chosen))
    series = [charts.Series("Rank", course.ranks), charts.Series("Not found, as deep as was looked", course.not_found)]
    series += [charts.Series(url, values) for url, values in course.pages.items()]
    marks = [charts.Note(_seconds(note.day), note.text) for note in noted]
    return charts.Chart("course", course.says, [_seconds(day) for day in course.days], series, inverted=True, notes=marks)


def _seconds(day: date) -> float:
    return datetime.combine(day, time(), UTC).timestamp()


def _empty(look: KeywordLook) -> str:
    if look.keyword.archived:
        return "It was never checked, and is archived: unarchive it to have it checked."
    return f"It was never checked: the next tick takes it, or `python manage.py serp check {look.keyword.id}` does."
