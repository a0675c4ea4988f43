"""A page of the tests with all that the frame offers: a live table with buttons, filters, charts, texts to fold."""

from dataclasses import dataclass
from typing import Any

import jinja2
from flask import Response
from flask_openapi3.openapi import OpenAPI

from state.store import connection
from web import access
from web.access import Role
from web.app import create_app
from web.pages import filters, frame, tables
from web.pages.charts import Chart, Note, Series
from web.pages.filters import Filter
from web.pages.tables import Column

PAGE = """
{% extends "pages/base.html" %}{% import "pages/parts.html" as parts with context %}
{% block content %}
{{ parts.filters(fields) }}
{% call(row) parts.table(found, live=true) %}<th scope="row">{{ row.n }}</th><td>{{ row.text }}</td>
<td><button type="button">Do {{ row.n }}</button><input aria-label="Text {{ row.n }}">
<input type="checkbox" aria-label="Tick {{ row.n }}">
<details><summary>More</summary>all of it</details></td>{% endcall %}
<section id="figures" data-live="1"><p id="count">{{ count }}</p>{{ parts.chart(moving) }}</section>
{% for one in charts %}{{ parts.chart(one) }}{% endfor %}
<p class="far">far below</p>
{% endblock %}
"""

COLUMNS = (Column("n", "Number"), Column("text", "Text"), Column("do", "Do"))
FILTERS = (Filter("text", "Text"), Filter("state", "State", (("", "all"), ("on", "On"))))

DAY, BEGIN = 86_400, 1_772_323_200


@dataclass
class State:
    """What the page shows; the test changes it."""

    count: int = 0
    asked: int = 0


def app(state: State) -> OpenAPI:
    """The application with the page /trial. It asks Redis for one thing, as every page does."""
    made = create_app()
    made.jinja_loader = jinja2.ChoiceLoader([jinja2.DictLoader({"pages/trial.html": PAGE}), made.jinja_loader])  # type: ignore

    @access.needs(Role.VIEWER)
    def trial_page() -> Response:
        state.asked += 1
        connection.client().get("trawl:trial")
        wanted = filters.values(FILTERS)["text"]
        rows = [{"n": n, "text": f"text {n} of {state.count}"} for n in range(40) if wanted in f"text {n}"]
        found = tables.make("rows", "Rows", COLUMNS, tables.all_at_once(rows), "No row fits.")
        return frame.show(
            "trial.html",
            "Trial",
            found=found,
            fields=filters.shown(FILTERS),
            count=state.count,
            charts=charts(),
            moving=moving(state),
        )

    made.add_url_rule("/trial", "trial_page", trial_page)
    return made


def moving(state: State) -> Chart:
    """A chart whose last value is the count."""
    return Chart("moving", "The count", [BEGIN, BEGIN + DAY, BEGIN + 2 * DAY], [Series("count", [1, 2, state.count])])


def charts() -> list[Chart]:
    """A line with a gap, and areas."""
    times = [BEGIN + DAY * number for number in range(9)]
    line = Series("ours", [3, 4, None, None, None, 6, 7, 8, 2])
    areas = [Series("a", [5] * 9, "area"), Series("b", [2] * 9, "area")]
    return [
        Chart("gaps", "Ranks", times, [line], inverted=True, notes=[Note(times[6], "deploy")]),
        Chart("areas", "Areas", times, areas),
    ]


def drawn_columns(page: Any, chart: str) -> list[bool]:
    """For 100 columns of the canvas of a chart, whether the colour of the first series is there."""
    found: list[bool] = page.evaluate(COLUMNS_DRAWN, chart)
    return found


COLUMNS_DRAWN = """(chart) => {
  const canvas = document.querySelector(`#${chart} canvas`), { width, height } = canvas;
  const over = document.querySelector(`#${chart} .u-over`), ratio = canvas.width / canvas.clientWidth;
  const left = Math.round(over.offsetLeft * ratio), wide = Math.round(over.clientWidth * ratio);
  const data = canvas.getContext('2d').getImageData(0, 0, width, height).data;
  const isOurs = (at) => data[at + 3] > 200
    && data[at] < 60 && data[at + 1] > 80 && data[at + 1] < 130 && data[at + 2] > 60 && data[at + 2] < 110;
  return [...Array(100).keys()].map((column) => {
    for (let x = left + Math.round(wide * column / 100); x < left + Math.round(wide * (column + 1) / 100); x++)
      for (let y = 0; y < height; y++) if (isOurs(4 * (y * width + x))) return true;
    return false;
  });
}"""


def is_asked(state: State) -> Any:
    """A condition: the page is asked for once more."""
    before = state.asked
    return lambda: state.asked > before
