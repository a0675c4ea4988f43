"""The first page: how the system is, what waits and runs, what went wrong, what comes next."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlencode

from flask import Flask, Response, redirect, request

import wording
from state.engine.hourly import Hour
from topics.operations import overview
from web import access, looks
from web.access import Role
from web.pages import frame, overview_tables, tables
from web.pages.charts import Chart, Series

#: Charts: name, word, and the outcome that they count.
CHARTS = (("throughput", "completed", "finished"), ("failures", "failed", "failed"))


def register(app: Flask) -> None:
    """The address of this page."""
    app.add_url_rule("/", "overview_page", overview_page)


@access.needs(Role.VIEWER)
def overview_page() -> Response:
    """The whole system at a glance. A program that asks for no page is led to the documentation of the API."""
    if "format" not in request.args and "text/html" not in request.headers.get("Accept", ""):
        return redirect(request.script_root + "/docs", 303)  # type: ignore[return-value]
    seen = overview.look()
    found = overview_tables.of(seen)
    wanted = request.args.get("table", "queues")
    if wanted in found and (file := tables.wanted_file(wanted, found[wanted].columns, tables.all_at_once(found[wanted].rows))):
        return file
    return frame.show(
        "overview.html",
        "Overview",
        seen=seen,
        report=looks.latest().report,
        found=found,
        charts=[chart for chart in _charts(seen.hours) if chart.series],
        of_day=lambda **filters: _failed(seen.hours[0].began, filters),
        lately=lambda **filters: _failed(seen.hours[-overview.LATELY].began, filters),
    )


def _failed(since: datetime, filters: dict[str, str]) -> str:
    """The address of the failed jobs that a figure counts: those since its first hour began."""
    return f"/jobs?{urlencode({**filters, 'status': 'failed', 'since': since.strftime('%Y-%m-%dT%H:%MZ')})}"


def _charts(hours: Sequence[Hour]) -> list[Chart]:
    """What was over in each hour of the clock, by kind; and what failed."""
    times = [hour.began.timestamp() for hour in hours]
    return [_chart(name, word, times, overview.of_hours(hours, outcome)) for name, word, outcome in CHARTS]


def _chart(name: str, word: str, times: Sequence[float], found: dict[str, list[int]]) -> Chart:
    count = wording.pluralize(sum(map(sum, found.values())), "job")
    text = f"Jobs that {word} in each hour of the last 24, by kind: {count}. The last hour has only begun."
    return Chart(name, text, times, [Series(kind, values, "area") for kind, values in found.items()])
