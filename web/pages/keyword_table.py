"""The keywords of a project as a table: ranks, moves, courses; filtered, sorted, with columns that can be hidden."""

from collections.abc import Mapping
from typing import Any

from flask import Flask, Response

import models
from topics.operations import keyword_lists
from topics.operations.keyword_work import ACTIONS
from topics.tracking import projects
from web import access
from web.access import Role
from web.pages import filters, frame, keyword_columns, keyword_filters, keyword_sorting, rank_drawings, saved, tables
from web.pages.tables import Column, Part, Read

NAME = "keywords"


def register(app: Flask) -> None:
    """The address of this page."""
    app.add_url_rule("/projects/<project_id>/keywords", "keyword_table_page", keyword_table_page)


@access.needs(Role.VIEWER)
def keyword_table_page(project_id: str) -> Response:
    """The keywords of a project."""
    project = projects.named(project_id)
    values = filters.values([*keyword_filters.FILTERS, keyword_filters.SORT])
    wanted = keyword_filters.wanted(values)
    sorting = keyword_sorting.of(project, values["sort"], wanted.archived)
    read = _reader(project, wanted, sorting.sort)
    if file := tables.wanted_file(NAME, [Column(name, name) for name in keyword_columns.FILE], read):
        return file
    hidden = keyword_columns.hidden()
    shown = tuple(column for column in keyword_columns.HIDABLE if column.key not in hidden)
    columns = (*((keyword_columns.TICK,) if frame.may(Role.OPERATOR) else ()), keyword_columns.KEYWORD, *shown)
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
        columns=keyword_columns.HIDABLE,
        hidden=hidden,
        toggled={column.key: keyword_columns.toggled(hidden, column.key) for column in keyword_columns.HIDABLE},
        has={column.key for column in shown},
        actions=[one for one in ACTIONS if one != "remove" or frame.may(Role.ADMIN)],
        course=rank_drawings.course,
    )


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


def _caption(project: models.Project) -> str:
    place = f", {project.location}" if project.location else ""
    return f"Keywords, {project.country} {project.language} {project.device}{place}, first {project.depth} looked at"


def _empty(project: models.Project, wanted: keyword_lists.Wanted) -> str:
    if wanted.is_all and wanted.archived is False:
        return f'No keyword yet: `python manage.py keyword add {project.id} "a keyword"`, or import some below.'
    return "None of the keywords that were looked at fits. With Next rows the search goes on, where there are more."
