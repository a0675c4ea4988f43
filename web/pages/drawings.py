"""A chart as SVG of the server: lines with gaps, stacked areas and bars, axes, notes. It is whole without a script.

The drawing is as wide as its place: what lies inside is stretched (`preserveAspectRatio="none"`), what is written is not.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from markupsafe import Markup

from web.pages import axes
from web.pages.axes import Axis
from web.pages.charts import Chart, Series

#: Units across the drawing, its height, and the space above and below it for what is written (px).
ACROSS, HEIGHT, TOP, BOTTOM = 1000, 180, 14, 22

#: Letters that name what is stacked, and colours that there are.
LETTERS, COLOURS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", 8

BOX = Markup('<svg class="{}" width="100%" height="{}">{}</svg>')

#: Stretched as wide as its place, below what is written on it.
INNER = Markup('<svg y="{}" width="100%" height="{}" viewBox="0 0 {} {}" preserveAspectRatio="none">{}</svg>')


def draw(chart: Chart) -> Markup:
    """The drawing: the axis at the left, what is drawn, and the axis at the right where there is one."""
    other = next((one.scale for one in chart.series if one.scale != "y"), None)
    sides = {"y": axes.of(chart, "y"), **({other: axes.of(chart, other)} if other else {})}
    drawn = INNER.format(TOP, HEIGHT, ACROSS, HEIGHT, _joined(_drawn(chart, sides)))
    parts = [
        BOX.format("axis", TOP + HEIGHT + BOTTOM, _joined(_ticks(sides["y"], chart.unit, "end"))),
        BOX.format("area-of-all", TOP + HEIGHT + BOTTOM, drawn + _joined(_written(chart, sides))),
        BOX.format("axis", TOP + HEIGHT + BOTTOM, _joined(_ticks(sides[other], other, "start"))) if other else Markup(),
    ]
    head = Markup('<div class="plot{}" role="img" aria-label="{}">')
    return head.format(" two" if other else "", chart.text) + _joined(parts) + Markup("</div>")


def _joined(parts: Iterable[Markup]) -> Markup:
    return Markup("").join(parts)


def letter(chart: Chart, number: int) -> str:
    """The letter of a series in the drawing, where it is stacked with others; "" = its line is told by its dashes."""
    mine = [at for at, one in enumerate(chart.series) if one.kind == "area"]
    return LETTERS[mine.index(number) % len(LETTERS)] if number in mine and len(mine) > 1 else ""


def swatch(chart: Chart, number: int) -> Markup:
    """The sign of a series beside its label."""
    shape = "M0,7H26" if chart.series[number].kind == "line" else "M0,1H26V13H0Z"
    text = Markup('<svg class="swatch {}" width="26" height="14" aria-hidden="true"><path d="{}"/></svg>')
    return text.format(_class(chart.series[number], number), shape)


def units(chart: Chart) -> str:
    """What the axes count, where it is too long for their ticks: `left: keywords`."""
    other = next((one.scale for one in chart.series if one.scale != "y"), "")
    sides = {"left": chart.unit, "right": other} if other else {"axis": chart.unit}
    return "; ".join(f"{side}: {unit}" for side, unit in sides.items() if not axes.is_short(unit))


def table(chart: Chart) -> list[list[str]]:
    """The data as rows of texts: the time, then each series."""
    form = "%Y-%m-%d" if chart.days else "%Y-%m-%d %H:%M"
    rows = zip(chart.times, *(one.values for one in chart.series), strict=True)
    return [[datetime.fromtimestamp(at, UTC).strftime(form), *map(_figure, values)] for at, *values in rows]


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:,.6g}" if isinstance(value, float) else f"{value:,}"


def _class(one: Series, number: int) -> str:
    return f"{one.kind} c{number % COLOURS} d{number % COLOURS}"


def _ticks(axis: Axis, unit: str, anchor: str) -> Iterator[Markup]:
    """What the ticks of an axis mean."""
    for value in axes.ticks(axis):
        y, text = TOP + axis.share(value) * HEIGHT + 4, Markup('<text x="{}" y="{:.1f}" text-anchor="{}">{}</text>')
        yield text.format("46" if anchor == "end" else "6", y, anchor, axes.written(value, unit))


def _drawn(chart: Chart, sides: dict[str, Axis]) -> Iterator[Markup]:
    """Lines across at the ticks, then areas and bars, then lines, then notes."""
    for value in axes.ticks(sides["y"]):
        yield Markup('<path class="rule" d="M0,{:.1f}H{}"/>').format(sides["y"].share(value) * HEIGHT, ACROSS)
    whole = axes.stacked(chart.series)
    order = sorted(range(len(whole)), key=lambda number: whole[number].kind == "line")
    for number in order:
        one, axis = whole[number], sides[whole[number].scale]
        points = [(x, axis.share(v) * HEIGHT if v is not None else None) for x, v in zip(_across(chart), one.values, strict=True)]
        floor = [axis.share(value) * HEIGHT for value in _below(whole, number)]
        path = {"line": _line, "area": _area, "bars": _bars}[one.kind](points, floor)
        yield Markup('<path class="{}" d="{}"/>').format(_class(one, number), path)
    for x in _at(chart, [note.at for note in chart.notes]):
        yield Markup('<path class="note" d="M{:.1f},0V{}"/>').format(x, HEIGHT)


def _written(chart: Chart, sides: dict[str, Axis]) -> Iterator[Markup]:
    """Times below, numbers of notes above, letters where a stacked area is thick enough to hold one."""
    moments = axes.moments(chart.times)
    for x, (number, (_, text)) in zip(_at(chart, [at for at, _ in moments]), enumerate(moments), strict=True):
        anchor = "start" if number == 0 else "end" if number == len(moments) - 1 else "middle"
        yield _text(x, TOP + HEIGHT + 17, text, anchor)
    for number, x in enumerate(_at(chart, [note.at for note in chart.notes]), 1):
        yield _text(x, TOP - 3, str(number), "middle")
    whole = axes.stacked(chart.series)
    for number, one in enumerate(whole):
        yield from _dots(chart, one, number, sides[one.scale])
        if (name := letter(chart, number)) and (place := _thickest(chart, whole, number, sides[one.scale])):
            yield _text(*place, name, "middle")


def _dots(chart: Chart, one: Series, number: int, axis: Axis) -> Iterator[Markup]:
    """Values between two gaps, which no line would show."""
    runs = _runs([(x, value) for x, value in zip(_across(chart), one.values, strict=True)]) if one.kind != "bars" else ()
    for run in runs:
        value = one.values[run[0]]
        if len(run) == 1 and value is not None:
            dot = Markup('<circle class="c{}" cx="{:.1f}%" cy="{:.1f}" r="3"/>')
            yield dot.format(number % COLOURS, _across(chart)[run[0]] * 100 / ACROSS, TOP + axis.share(value) * HEIGHT)


def _text(x: float, y: float, text: str, anchor: str) -> Markup:
    return Markup('<text x="{:.1f}%" y="{:.1f}" text-anchor="{}">{}</text>').format(x * 100 / ACROSS, y, anchor, text)


def _thickest(chart: Chart, whole: Sequence[Series], number: int, axis: Axis) -> tuple[float, float] | None:
    """Where a series is thickest: the middle there, away from the edges; None where no letter fits."""
    found = [
        ((axis.share(low) - axis.share(top)) * HEIGHT, x, (axis.share(low) + axis.share(top)) / 2 * HEIGHT)
        for x, top, low in zip(_across(chart), whole[number].values, _below(whole, number), strict=True)
        if top is not None and 20 < x < ACROSS - 20
    ]
    thick, x, y = max(found, default=(0.0, 0.0, 0.0))
    return (x, TOP + y + 4) if thick >= 14 else None


def _across(chart: Chart) -> list[float]:
    return _at(chart, chart.times)


def _at(chart: Chart, times: Sequence[float]) -> list[float]:
    """Where times are, from the left; bars need half a place at both ends."""
    if not chart.times:
        return [0.0 for _ in times]
    first, last = chart.times[0], chart.times[-1]
    edge = ACROSS / len(chart.times) / 2 if any(one.kind == "bars" for one in chart.series) else 0.0
    if first == last:
        return [ACROSS / 2 for _ in times]
    return [edge + (min(max(at, first), last) - first) / (last - first) * (ACROSS - 2 * edge) for at in times]


def _below(whole: Sequence[Series], number: int) -> list[float]:
    """On what a series stands."""
    mine = whole[number]
    under = [one for one in whole[:number] if (one.kind, one.scale) == (mine.kind, mine.scale)] if mine.kind != "line" else []
    return [max((one.values[at] or 0 for one in under), default=0.0) for at in range(len(mine.values))]


Points = Sequence[tuple[float, float | None]]


def _runs(points: Points) -> Iterator[list[int]]:
    """Places of values that follow each other without a gap."""
    run: list[int] = []
    for number, (_, y) in enumerate(points):
        if y is not None:
            run.append(number)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _line(points: Points, floor: Sequence[float]) -> str:
    """A run of one value is a dot."""
    return "".join(
        "M" + "L".join(_point(*points[number]) for number in run) + ("h0.1" * (len(run) == 1)) for run in _runs(points)
    )


def _area(points: Points, floor: Sequence[float]) -> str:
    found = []
    for run in _runs(points):
        back = "L".join(_point(points[number][0], floor[number]) for number in reversed(run))
        found.append("M" + "L".join(_point(*points[number]) for number in run) + "L" + back + "Z")
    return "".join(found)


def _bars(points: Points, floor: Sequence[float]) -> str:
    half = ACROSS / max(1, len(points)) * 0.4
    return "".join(
        f"M{_point(x - half, y)}H{x + half:.1f}V{floor[number]:.1f}H{x - half:.1f}Z"
        for number, (x, y) in enumerate(points)
        if y is not None and abs(y - floor[number]) > 0.01
    )


def _point(x: float, y: float | None) -> str:
    return f"{x:.1f},{y:.1f}"
