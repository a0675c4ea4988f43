"""The keywords of a project as a table: ranks, moves, courses; filtered, sorted, with columns that can be hidden."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from flask import Flask, Response, request

import models
from jobs import tracking
from state.tracking import orders
from topics.operations import keyword_lists
from topics.operations.keyword_work import ACTIONS
from topics.tracking import counting, projects
from web import access
from web.access import Role
from web.pages import filters, frame, keyword_filters, rank_drawings, saved, tables
from web.pages.tables import Column, Part, Read

NAME = "keywords"

#: A page sorts a project of so many keywords anew where that is due; a larger one is sorted by a job.
AT_ONCE = 500

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


class Sorting(NamedTuple):
    """In which order the list comes ("" = as stored), since when that is counted, and the job that counts it."""

    sort: str
    counted: orders.Count | None = None
    job: models.Submission | None = None


def register(app: Flask) -> None:
    """The address of this page."""
    app.add_url_rule("/projects/<project_id>/keywords", "keyword_table_page", keyword_table_page)


@access.needs(Role.VIEWER)
def keyword_table_page(project_id: str) -> Response:
    """The keywords of a project."""
    project = projects.named(project_id)
    values = filters.values([*keyword_filters.FILTERS, keyword_filters.SORT])
    wanted = keyword_filters.wanted(values)
    sorting = _sorting(project, values["sort"], wanted.archived)
    read = _reader(project, wanted, sorting.sort)
    if file := tables.wanted_file(NAME, [Column(name, name) for name in FILE], read):
        return file
    hidden = _hidden()
    shown = tuple(column for column in HIDABLE if column.key not in hidden)
    columns = (*((TICK,) if frame.may(Role.OPERATOR) else ()), KEYWORD, *shown)
    return frame.show(
        "keyword_table.html",
        f"Keywords of {project.name}",
        project=project,
        found=tables.make(NAME, _caption(project), columns, read, _empty(project, wanted)),
        filters=filters.shown(keyword_filters.FILTERS),
        sort=filters.shown([keyword_filters.SORT])[0],
        sorting=sorting,
        asked_sort=values["sort"],
        where=keyword_filters.packed(values),
        saved=saved.shown(),
        columns=HIDABLE,
        hidden=hidden,
        toggled={column.key: _toggled(hidden, column.key) for column in HIDABLE},
        has={column.key for column in shown},
        actions=[one for one in ACTIONS if one != "remove" or frame.may(Role.ADMIN)],
        course=rank_drawings.course,
    )


def _sorting(project: models.Project, sort: str, archived: bool | None) -> Sorting:
    """How the list is sorted. What is not counted yet is counted: at once for a small project, else by a job."""
    if not sort or archived is not False:
        return Sorting("")
    count = orders.latest(project.id)
    if count is None or (count.tracked <= AT_ONCE and count.tracked != count.keywords):
        made = counting.current(project.id, tracking.make_overview, fresh=True, at_once=AT_ONCE)
        count = orders.latest(project.id)
        return Sorting(sort if count else "", count, made.job)
    return Sorting(sort, count)


def _reader(project: models.Project, wanted: keyword_lists.Wanted, sort: str) -> Read:
    market = {"country": project.country, "language": project.language, "device": project.device, "location": project.location}

    def read(limit: int, cursor: str) -> Part:
        found = keyword_lists.page(project.id, wanted, limit, cursor, sort, project)
        return Part([{**market, **_row(row)} for row in found.rows], found.cursor)

    return read


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    last, never = row["last"], row["next_due_at"] and not row["next_due_at"].timestamp()
    return {
        **row,
        **{name: last[name] for name in ("state", "rank", "says", "scanned", "url", "title", "reason")},
        **{f"change_{days}": row["changes"][f"days_{days}"] for days in keyword_lists.CHANGES},
        "best": row["best_lately"],
        "checked": row["attempted_at"],
        "next": None if never else row["next_due_at"],
        "is_due": bool(never),
    }


def _hidden() -> list[str]:
    asked, known = request.args.get("hide", "").split(","), [column.key for column in HIDABLE]
    return [key for key in known if key in asked]


def _toggled(hidden: list[str], key: str) -> str:
    """The address of this page with a column hidden, or shown again."""
    wanted = [one for one in hidden if one != key] if key in hidden else [*hidden, key]
    return frame.here(hide=",".join(wanted) or None)


def _caption(project: models.Project) -> str:
    place = f", {project.location}" if project.location else ""
    return f"Keywords, {project.country} {project.language} {project.device}{place}, first {project.depth} looked at"


def _empty(project: models.Project, wanted: keyword_lists.Wanted) -> str:
    if wanted.is_all and wanted.archived is False:
        return f'No keyword yet: `python manage.py keyword add {project.id} "a keyword"`, or import some below.'
    return "None of the keywords that were looked at fits. With Next rows the search goes on, where there are more."
