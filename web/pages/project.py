"""One project at a glance: where its keywords stand, how visible they are, what moved."""

from datetime import date, datetime
from typing import Any

from flask import Flask, Response

import clock
import models
from jobs import tracking
from state.tracking import projects as stored
from state.tracking import suspects as runs
from topics import budgets
from topics.budgets import scopes
from topics.operations import project_lists
from topics.tracking import counting, days, notes, overview, projects, suspects
from web import access
from web.access import Role
from web.pages import budgets as budget_rows
from web.pages import filters, frame, project_charts, project_tables, rank_drawings, tables
from web.pages.filters import Filter
from web.pages.tables import Table

#: A page counts a project of so many keywords at once; a larger one is counted by a job.
AT_ONCE = 500

SINCE = Filter("since", "Movers since", tuple((str(number), f"{number} d") for number in overview.SINCE))


def register(app: Flask) -> None:
    """The addresses of this page."""
    app.add_url_rule("/projects/<project_id>", "project_page", project_page)


@access.needs(Role.VIEWER)
def project_page(project_id: str) -> Response:
    """A project at a glance, as it was counted last; a large one is counted by a job."""
    project = projects.named(project_id)
    counted = counting.current(project.id, tracking.make_overview, at_once=AT_ONCE)
    found, today = counted.overview, days.today(project)
    written = notes.of(project.id, date.fromordinal(today.toordinal() - overview.DAYS + 1))
    since = filters.values([SINCE])["since"] or "7"
    made = project_tables.of(project, found, since, written)
    for name, (columns, rows, _, _) in made.items():
        if file := tables.wanted_file(name, columns, tables.all_at_once(rows)):
            return file
    return frame.show(
        "project.html",
        project.name,
        project=project,
        found=found,
        job=counted.job,
        age_s=found and (clock.now() - datetime.fromisoformat(found["at"])).total_seconds(),
        now=_now(project),
        costs=_costs(project),
        suspects=[suspects.facts(run) for run in runs.latest(project.id, today)],
        charts=project_charts.of(found, written) if found else [],
        tables={name: Table(name, caption, columns, rows, empty=empty) for name, (columns, rows, caption, empty) in made.items()},
        moves=project_tables.MOVES,
        since=since,
        sinces=SINCE.choices,
        today=today,
        bar=rank_drawings.bar,
    )


def _costs(project: models.Project) -> list[dict[str, Any]]:
    """What the project spent this month, by unit; nothing where no limit has it counted."""
    [one] = budgets.of([f"project:{project.id}"])
    return [row for row in budget_rows.rows_of(one) if row["state"] != "no limit" or row["spent"] != scopes.usd(0)]


def _now(project: models.Project) -> dict[str, int]:
    """What is tracked, due and late this moment."""
    tracked, due, late = stored.standing(project.id, project_lists.LATE_S)
    return {"keywords": tracked, "due": due, "late": late}
