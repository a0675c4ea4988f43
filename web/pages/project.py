"""One project at a glance: where its keywords stand, how visible they are, what moved, what is unknown and why; and its notes."""

import calendar
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any, NamedTuple

from flask import Flask, Response, request

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
from web.errors import Field, Problem
from web.pages import budgets as budget_rows
from web.pages import charts, filters, frame, rank_drawings, tables
from web.pages.charts import Chart, Series
from web.pages.filters import Filter
from web.pages.tables import Column, Table

#: A page counts a project of so many keywords at once; a larger one is counted by a job.
AT_ONCE = 500

SINCE = Filter("since", "Movers since", tuple((str(number), f"{number} d") for number in overview.SINCE))

MOVERS = (
    Column("keyword", "Keyword"),
    Column("before", "Before", numeric=True),
    Column("after", "Now", numeric=True),
    Column("id", "Id"),
)


class Moves(NamedTuple):
    """A table of movers: its name, what it holds, and the filter that takes all of them."""

    name: str
    says: str
    kind: str
    moved: str


MOVES = (
    Moves("winners", "Winners", "up", "up"),
    Moves("losers", "Losers", "down", "down"),
    Moves("new", "New: not found before", "new", "new"),
    Moves("lost", "Lost: not found any more", "lost", "lost"),
)

UNKNOWN = (
    Column("reason", "Why unknown"),
    Column("keywords", "Keywords", numeric=True),
    Column("next_try", "Next try", "When the first of them is checked again"),
)

TAGS = (
    Column("tag", "Tag"),
    Column("keywords", "Keywords", numeric=True),
    Column("visibility", "Visibility", numeric=True),
    Column("distribution", "Distribution"),
)

COURSE = (
    Column("day", "Day"),
    Column("visibility", "Visibility", numeric=True),
    *(Column(name, label, numeric=True) for name, (label, _) in rank_drawings.STANDS.items()),
)

NOTES = (Column("day", "Day"), Column("text", "What happened"), Column("actor", "Noted by"))


def register(app: Flask) -> None:
    """The addresses of this page."""
    app.add_url_rule("/projects/<project_id>", "project_page", project_page)
    app.add_url_rule("/projects/<project_id>/notes", "add_note_page", add_note, methods=["POST"])
    app.add_url_rule("/projects/<project_id>/notes/<note_id>/remove", "remove_note_page", remove_note, methods=["POST"])


@access.needs(Role.VIEWER)
def project_page(project_id: str) -> Response:
    """A project at a glance, as it was counted last; a large one is counted by a job."""
    project = projects.named(project_id)
    counted = counting.current(project.id, tracking.make_overview, at_once=AT_ONCE)
    found, today = counted.overview, days.today(project)
    written = notes.of(project.id, date.fromordinal(today.toordinal() - overview.DAYS + 1))
    since = filters.values([SINCE])["since"] or "7"
    made = _tables(project, found, since, written)
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
        charts=_charts(found, written) if found else [],
        tables={name: Table(name, caption, columns, rows, empty=empty) for name, (columns, rows, caption, empty) in made.items()},
        moves=MOVES,
        since=since,
        sinces=SINCE.choices,
        today=today,
        bar=rank_drawings.bar,
    )


def _costs(project: models.Project) -> list[dict[str, Any]]:
    """What the project spent this month, by unit; nothing where no limit has it counted."""
    [one] = budgets.of([f"project:{project.id}"])
    return [row for row in budget_rows.rows_of(one) if row["state"] != "no limit" or row["spent"] != scopes.usd(0)]


@access.needs(Role.OPERATOR)
def add_note(project_id: str) -> Response:
    """Note what happened on a day."""
    project, text = projects.named(project_id), request.form.get("day", "").strip()
    try:
        day = date.fromisoformat(text) if text else days.today(project)
    except ValueError:
        raise Problem(422, f"The day {text!r:.40} must be YYYY-MM-DD.", fields=[Field("day", "must be YYYY-MM-DD")]) from None
    made = notes.add(project.id, day, request.form.get("text", ""), access.caller().name)
    return frame.done(f"/projects/{project.id}", f"Noted for {made.day}: {made.text}")


@access.needs(Role.OPERATOR)
def remove_note(project_id: str, note_id: str) -> Response:
    """Remove a note."""
    project = projects.named(project_id)
    notes.remove(project.id, note_id)
    return frame.done(f"/projects/{project.id}", "The note is removed.")


Made = tuple[Sequence[Column], Sequence[tables.Row], str, str]


def _tables(
    project: models.Project, found: Mapping[str, Any] | None, since: str, written: Sequence[notes.Note]
) -> dict[str, Made]:
    """Every table of the page by its name: columns, rows, caption, what stands in place of no rows."""
    noted = [one._asdict() for one in reversed(written)]
    caption = f"Notes of {overview.DAYS} days"
    made: dict[str, Made] = {"notes": (NOTES, noted, caption, "No note yet: charts show one as a line on its day.")}
    if found is None:
        return made
    moved = found["moves"][f"days_{since}"]
    for one in MOVES:
        caption = f"{one.says}, {since} d: {min(len(moved[one.name]), overview.MOVERS)} of {moved['counts'][one.kind]:,}"
        made[one.name] = (MOVERS, moved[one.name], caption, "None.")
    made["unknown"] = (UNKNOWN, _unknown(found), "Unknown ranks by reason", "Every rank is known.")
    empty = f"No keyword has a tag: `python manage.py keyword set TEXT --project {project.id} --tag TAG` gives it one."
    made["tags"] = (TAGS, [_tag(one) for one in found["tags"]], f"Tags, the {overview.TAGS} largest", empty)
    made["course"] = (COURSE, [_day(one) for one in found["course"][::-1]], f"{overview.DAYS} days", "")
    return made


def _unknown(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """By reason, with when the first of them is tried again; `is_due`: it is due already."""
    counts = {**found["unknown_reasons"], "": found["distribution"]["unchecked"]}
    tries, now = found.get("next_tries", {}), clock.now()
    at = {reason: datetime.fromisoformat(tries[reason]) for reason in counts if reason in tries}
    return [
        {"reason": reason, "keywords": number, "next_try": at.get(reason), "is_due": reason in at and at[reason] <= now}
        for reason, number in counts.items()
        if number
    ]


def _tag(one: Mapping[str, Any]) -> dict[str, Any]:
    return {**one, "keywords": sum(one["distribution"].values())}


def _day(one: Mapping[str, Any]) -> dict[str, Any]:
    return {"day": one["day"], "visibility": one["visibility"], **one["distribution"]}


def _now(project: models.Project) -> dict[str, int]:
    """What is tracked, due and late this moment."""
    tracked, due, late = stored.standing(project.id, project_lists.LATE_S)
    return {"keywords": tracked, "due": due, "late": late}


def _charts(found: Mapping[str, Any], written: Sequence[notes.Note]) -> list[Chart]:
    """Where keywords stood on each day, and how visible they were."""
    course = found["course"]
    times = [_at(date.fromisoformat(one["day"])) for one in course]
    marks = [charts.Note(_at(one.day), one.text) for one in written]
    stands = [
        Series(label, [one["distribution"][name] for one in course], "area") for name, (label, _) in rank_drawings.STANDS.items()
    ]
    seen = [None if one["visibility"] is None else round(one["visibility"] * 100, 2) for one in course]
    last = rank_drawings.words(found["distribution"])
    make = partial(Chart, times=times, notes=marks)
    return [
        make("standing", f"Keywords by where they stand, {len(course)} days. Last day: {last}.", series=stands),
        make("visibility", _seen_words(seen), series=[Series("visibility", seen)], unit="%"),
    ]


def _seen_words(seen: Sequence[float | None]) -> str:
    known = [value for value in seen if value is not None]
    if not known:
        return f"Visibility, {len(seen)} days: no rank is known yet."
    gaps = len(seen) - len(known)
    more = f"; {gaps} days without a known rank" if gaps else ""
    return f"Visibility, {len(seen)} days: {known[0]} % first, {known[-1]} % last, from {min(known)} to {max(known)} %{more}."


def _at(day: date) -> float:
    return float(calendar.timegm(day.timetuple()))
