"""Charts of a report as SVG: bars across for names, columns for what has an order. They need no script and no style from outside.

The table below a chart says the same; a drawing has its text as a label.
"""

from collections.abc import Sequence
from html import escape
from typing import Any, NamedTuple

from topics.analytics import texts

#: Units of a drawing: its width, the place of names, the height of a bar, and of columns.
ACROSS, NAMES, BAR, TALL = 720, 200, 22, 160

#: Bars and columns of one chart, and characters of a name.
MOST, MOST_NAME = 24, 30


class Mark(NamedTuple):
    """A bar or column."""

    name: str
    value: float
    written: str


def chart(section: dict[str, Any]) -> str:
    """The chart of a section as SVG; "" where it has none, or nothing to draw."""
    kind = section.get("chart")
    marks = marks_of(section)[-MOST:] if kind == "columns" else marks_of(section)[:MOST]
    if not kind or not any(mark.value > 0 for mark in marks):
        return ""
    return columns(section["title"], marks) if kind == "columns" else bars(section["title"], marks)


def marks_of(section: dict[str, Any]) -> list[Mark]:
    """The figures of the first column that are numbers."""
    column = section["columns"][0]
    found = []
    for line in section["lines"]:
        value = line["figures"].get(column["key"], {}).get("value")
        if isinstance(value, int | float):
            found.append(Mark(line["label"], max(0.0, float(value)), texts.figure(value, column["unit"])))
    return found


def bars(title: str, marks: Sequence[Mark]) -> str:
    """Bars across, one below the other, each with its name and figure."""
    most, room = max(mark.value for mark in marks), ACROSS - NAMES - 80
    drawn = []
    for number, mark in enumerate(marks):
        y, wide = number * BAR, mark.value / most * room
        drawn.append(
            f'<text x="{NAMES - 8}" y="{y + 15}" text-anchor="end">{_name(mark.name)}</text>'
            f'<rect class="mark" x="{NAMES}" y="{y + 3}" width="{wide:.1f}" height="{BAR - 6}"/>'
            f'<text x="{NAMES + wide + 6:.1f}" y="{y + 15}">{escape(mark.written)}</text>'
        )
    return _svg(title, len(marks) * BAR, drawn)


def columns(title: str, marks: Sequence[Mark]) -> str:
    """Columns beside each other, each with its figure above and its name below."""
    most, step = max(mark.value for mark in marks), ACROSS / len(marks)
    names, figures = -(-len(marks) // 12), -(-len(marks) // 16)  # every so many has room
    drawn = []
    for number, mark in enumerate(marks):
        high, middle = mark.value / most * TALL, (number + 0.5) * step
        wide = min(step * 0.8, 60)
        drawn.append(
            f'<rect class="mark" x="{middle - wide / 2:.1f}" y="{18 + TALL - high:.1f}" width="{wide:.1f}" height="{high:.1f}"/>'
        )
        if number % figures == 0:
            y = 12 + TALL - high
            drawn.append(f'<text x="{middle:.1f}" y="{y:.1f}" text-anchor="middle">{escape(mark.written)}</text>')
        if number % names == 0:
            drawn.append(f'<text x="{middle:.1f}" y="{TALL + 36}" text-anchor="middle">{_name(mark.name)}</text>')
    base = f'<path class="base" d="M0,{TALL + 18}H{ACROSS}"/>'
    return _svg(title, TALL + 46, [*drawn, base])


def _svg(title: str, high: float, drawn: Sequence[str]) -> str:
    head = f'<svg class="figures" viewBox="0 0 {ACROSS} {high:.0f}" role="img" aria-label="{escape(title)}: chart">'
    return f"{head}{''.join(drawn)}</svg>"


def _name(text: str) -> str:
    plain = texts.plain(text)
    return escape(plain if len(plain) <= MOST_NAME else f"{plain[: MOST_NAME - 1]}…")
