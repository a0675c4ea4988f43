"""Charts: what a script draws with uPlot, and the same as a drawing of the server for whoever has no script.

Values are None where nothing is known: a gap, never a zero and never a line across. Each chart has a text that says the same.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from markupsafe import Markup

#: The drawing of a sparkline (px).
WIDTH, HEIGHT = 120, 24


class Series(NamedTuple):
    """A line; or an area or bars, which are stacked on those before them. `values` stand beside the chart's `times`.

    `scale`: y is the axis at the left; any other name is the unit of an axis at the right.
    """

    label: str
    values: Sequence[float | None]
    kind: str = "line"  # line | area | bars
    scale: str = "y"


class Note(NamedTuple):
    """A vertical line with a text."""

    at: float
    text: str


@dataclass(frozen=True)
class Chart:
    """A chart over time. `times`: seconds since 1970, rising. `inverted`: 1 is at the top. `text` says what it shows."""

    name: str
    text: str
    times: Sequence[float]
    series: Sequence[Series]
    inverted: bool = False
    unit: str = ""
    notes: Sequence[Note] = ()

    @property
    def data(self) -> str:
        """What the script reads."""
        told: dict[str, Any] = {
            "times": list(self.times),
            "series": [one._asdict() for one in self.series],
            "inverted": self.inverted,
            "unit": self.unit,
            "days": self.days,
            "notes": [list(one) for one in self.notes],
        }
        return json.dumps(told, ensure_ascii=False, default=list, separators=(",", ":"))

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known at any time."""
        return all(value is None for one in self.series for value in one.values)

    @property
    def days(self) -> bool:
        """Whether its times are days rather than moments."""
        return all(at % 86_400 == 0 for at in self.times)


def spark(values: Sequence[float | None], text: str, *, inverted: bool = False) -> Markup:
    """A small line with gaps, drawn by the server. `text` says the same in words."""
    known = [value for value in values if value is not None]
    low, high = (min(known), max(known)) if known else (0, 1)
    step, span = WIDTH / max(1, len(values) - 1), (high - low) or 1
    lines, line = list[list[str]](), list[str]()
    for number, value in enumerate(values):
        if value is None:
            line = []
            continue
        share = (value - low) / span if known else 0
        y = 2 + (share if inverted else 1 - share) * (HEIGHT - 4)
        if not line:
            lines.append(line)
        line.append(f"{number * step:.1f},{y:.1f}")
    drawn = Markup("").join(Markup('<path d="M{}"/>').format("L".join(one if len(one) > 1 else [*one, one[0]])) for one in lines)
    return Markup('<svg class="spark" viewBox="0 0 {} {}" width="{}" height="{}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, HEIGHT, WIDTH, HEIGHT, text, drawn
    )
