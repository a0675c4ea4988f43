"""Competitors of a project: share of voice and its course, what gained and lost, features of result pages, head to head."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, request

from topics.tracking import competitors, head_to_head, notes, projects, voices
from web import access
from web.access import Role
from web.api.competitors import counted
from web.errors import Problem
from web.pages import charts, filters, frame, tables
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
BEATEN = (
    Column("keyword", "Keyword"),
    Column("volume", "Volume", "Searches a month", numeric=True),
    Column("theirs", "They", numeric=True),
    Column("ours", "We", "– = not among the results that were read", numeric=True),
    Column("worth", "Worth", "Weight of their rank less ours, times volume", numeric=True),
)
DUELS = (
    Column("keyword", "Keyword"),
    Column("volume", "Volume", "Searches a month", numeric=True),
    Column("theirs", "They", numeric=True),
    Column("ours", "We", "– = not among the results that were read", numeric=True),
    Column("who", "Higher"),
    Column("scanned", "Depth looked", "Results that were read", numeric=True),
    Column("day", "Read on"),
)
MATRIX = (
    Column("keyword", "Keyword"),
    Column("volume", "Volume", "Searches a month", numeric=True),
    Column("ours", "We", numeric=True),
)
SINCE = Filter("since", "Change since", (("days_7", "7 days"), ("days_1", "1 day"), ("days_28", "28 days")))
WHICH = Filter("which", "Keywords", (("", "all"), ("above", "where it is above us"), ("below", "where it is below us")))

EMPTY = "Nothing to show: no result page was read lately. `python manage.py serp batch` queues the checks that are due."
UNMOVED = "None, as far as both days are known."

#: Rows of a table of which all are there.
SHOWN = 20


def register(app: Flask) -> None:
    """The addresses of these pages."""
    app.add_url_rule("/projects/<project_id>/competitors", "competitors_page", competitors_page)
    app.add_url_rule("/projects/<project_id>/competitors/pins", "pins_page", pins_page, methods=["POST"])
    app.add_url_rule("/projects/<project_id>/competitors/<domain>", "competitor_page", competitor_page)


@access.needs(Role.VIEWER)
def competitors_page(project_id: str) -> Response:
    """Who ranks beside a project."""
    project = projects.named(project_id)
    since = filters.values([SINCE])["since"] or "days_7"
    facts, job = counted(project.id)
    wanted = _wanted(project.id, facts, since)
    for name, (_, columns, read) in wanted.items():
        if file := tables.wanted_file(name, columns, read):
            return file
    return frame.show(
        "competitors.html",
        f"Competitors of {project.name}",
        project=project,
        facts=facts,
        job=job,
        counted_at=datetime.fromisoformat(facts["at"]) if facts else None,
        shown=filters.shown([SINCE]),
        chart=_chart(facts, facts["charted"], "voice") if facts else None,
        compared=_compared(facts),
        found={
            name: tables.make(name, caption, columns, read, UNMOVED if columns is MOVERS else EMPTY)
            for name, (caption, columns, read) in wanted.items()
        },
    )


@access.needs(Role.VIEWER)
def competitor_page(project_id: str, domain: str) -> Response:
    """One domain beside a project."""
    project, domain = projects.named(project_id), competitors.spoken_domain(domain)
    which = filters.values([WHICH])["which"]
    facts, job = counted(project.id)
    standing = next((one for one in facts["leaders"] if one["domain"] == domain), None) if facts else None
    beaten = facts["beaten_by"].get(domain, []) if facts else []

    def read(limit: int, cursor: str) -> tables.Part:
        return tables.Part(*head_to_head.page(project.id, domain, which, limit, cursor))

    if file := tables.wanted_file("beaten", BEATEN, _some(beaten)):
        return file
    if file := tables.wanted_file("keywords", DUELS, read):
        return file
    is_charted = bool(facts and domain in facts["beaten_by"])
    return frame.show(
        "competitor.html",
        f"{domain} beside {project.name}",
        project=project,
        domain=domain,
        facts=facts,
        job=job,
        counted_at=datetime.fromisoformat(facts["at"]) if facts else None,
        standing=standing,
        is_pinned=bool(facts and domain in facts["pins"]),
        shown=filters.shown([WHICH]),
        chart=_chart(facts, [domain], "duel") if facts and is_charted else None,
        beaten=tables.make("beaten", "Keywords most worth winning", BEATEN, _some(beaten), "It is above us at no keyword."),
        keywords=tables.make("keywords", "Keyword by keyword", DUELS, read, "It stands on none of the result pages read here."),
    )


@access.needs(Role.OPERATOR)
def pins_page(project_id: str) -> Response:
    """Pin a domain, or take its pin away."""
    project, domain = projects.named(project_id), request.form.get("domain", "")
    if request.form.get("wanted") == "0":
        says = f"{competitors.unpin(project.id, domain)} is not pinned any more."
    else:
        says = f"{competitors.pin(project.id, domain)} is pinned: its course is always counted."
    counted(project.id, fresh=True)
    return frame.done(f"/projects/{quote(project.id)}/competitors", says)


def _wanted(project_id: str, facts: Mapping[str, Any] | None, since: str) -> dict[str, tuple[str, Sequence[Column], tables.Read]]:
    """The tables of the page: name → caption, columns, reader."""
    days, compared = dict(SINCE.choices)[since], _compared(facts)

    def keywords(limit: int, cursor: str) -> tables.Part:
        found = head_to_head.matrix(project_id, compared, limit, cursor)
        rows = [{**row, **{f"rank {domain}": rank for domain, rank in row["ranks"].items()}} for row in found.rows]
        return tables.Part(rows, found.cursor)

    matrix = (*MATRIX, *(Column(f"rank {domain}", domain, numeric=True) for domain in compared))
    moved: Mapping[str, Any] = facts["movers"][since] if facts else {"gained": [], "lost": []}
    return {
        "leaders": ("Domains by share of voice", LEADERS, _some(_leaders(facts, since) if facts else [])),
        "keywords": ("Keywords head to head", matrix, keywords),
        "gained": (f"Gained most in {days}", MOVERS, _some(moved["gained"])),
        "lost": (f"Lost most in {days}", MOVERS, _some(moved["lost"])),
        "features": ("Features of the result pages", FEATURES, _some(facts["features"] if facts else [])),
    }


def _compared(facts: Mapping[str, Any] | None) -> list[str]:
    """The domains beside ours: the pinned ones; without pins, the loudest."""
    return list(facts["pins"] or facts["charted"]) if facts else []


def _some(rows: Sequence[tables.Row]) -> tables.Read:
    """A reader of rows that are there already, some at a time; the cursor is the number of the next one."""

    def read(limit: int, cursor: str) -> tables.Part:
        if cursor and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 6):
            raise Problem(422, f"The cursor {cursor!r:.40} is none of this table.")
        first = int(cursor or 0)
        last = first + (limit if limit > tables.ROWS else min(limit, SHOWN))
        return tables.Part(rows[first:last], str(last) if last < len(rows) else "")

    return read


def _leaders(facts: Mapping[str, Any], since: str) -> list[dict[str, Any]]:
    """The domains with the project itself among them, the loudest first."""
    if not facts["counted"]:
        return []
    rows = [{**facts["ours"], "is_ours": True}, *facts["leaders"]]
    rows = [{**row, "change": row["changes"][since]} for row in rows]
    return sorted(rows, key=lambda row: -(row["share"] or 0))


def _chart(facts: Mapping[str, Any], shown: Sequence[str], name: str) -> charts.Chart:
    """Shares of voice by day, in per cent; a gap where nothing is known."""
    course = facts["course"]
    first, last = (date.fromisoformat(course[end]["day"]) for end in (0, -1))
    lines = {facts["domain"]: [day["ours"] for day in course]}
    lines |= {domain: [day["shares"].get(domain) for day in course] for domain in shown}
    series = [
        charts.Series(label, [None if one is None else round(one * 100, 2) for one in line]) for label, line in lines.items()
    ]
    known = {label: [one for one in line.values if one is not None] for label, line in zip(lines, series, strict=True)}
    words = [f"{label} from {told[0]:g} % to {told[-1]:g} %" for label, told in known.items() if told]
    gaps = sum(1 for day in course if day["ours"] is None)
    text = f"Share of voice in the last {len(course)} days: {'; '.join(words) or 'nothing is known yet'}."
    text += f" {gaps} days are not known." if gaps else ""
    marks = [charts.Note(_at(one.day), one.text) for one in notes.of(facts["project"], first, last)]
    times = [_at(date.fromisoformat(day["day"])) for day in course]
    return charts.Chart(name, text, times, series, unit="%", notes=marks)


def _at(day: date) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()


def _per_cent(share: float | None) -> float | None:
    return None if share is None else round(share * 100, 2)
