"""Charts as the server draws them: gaps stay gaps, 1 is at the top, what is stacked stands on the rest, texts are texts."""

import doctest
import json
import re

import pytest

from web.pages import axes, drawings, words
from web.pages.charts import Chart, Note, Series, spark

DAY, BEGIN = 86_400, 1_772_323_200  # 1 March 2026
HOSTILE = '"><img src=x onerror=alert(1)>'


def chart(*series: Series, inverted: bool = False, notes: tuple[Note, ...] = ()) -> Chart:
    times = [BEGIN + DAY * number for number in range(len(series[0].values))]
    return Chart("x", HOSTILE, times, series, inverted=inverted, notes=notes)


def paths(drawn: str, kind: str) -> list[str]:
    return re.findall(rf'<path class="{kind} [^"]*" d="([^"]*)"', drawn)


@pytest.mark.parametrize("module", [axes, words], ids=["axes", "words"])
def test_examples(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]


def test_a_gap_is_no_line_and_a_value_alone_is_a_dot() -> None:
    found = chart(Series("rank", [3, None, 5, None, 7, 8]), inverted=True)
    [line] = paths(drawings.draw(found), "line")
    assert line.count("M") == 3 and drawings.draw(found).count("<circle") == 2
    assert json.loads(found.data)["series"][0]["values"] == [3, None, 5, None, 7, 8]
    assert [row[1] for row in drawings.table(found)] == ["3", "–", "5", "–", "7", "8"]


def test_the_best_rank_is_at_the_top() -> None:
    line = paths(drawings.draw(chart(Series("rank", [1, 50]), inverted=True)), "line")[0]
    assert re.findall(r",([\d.]+)", line) == ["0.0", "180.0"]
    up = paths(drawings.draw(chart(Series("jobs", [0, 4]))), "line")[0]
    assert re.findall(r",([\d.]+)", up) == ["180.0", "0.0"]


def test_areas_and_bars_stand_on_those_before_them_and_lines_do_not() -> None:
    series = [Series("a", [1, 2], "area"), Series("b", [10, None], "area"), Series("c", [5, 5]), Series("d", [1, 1], "bars")]
    assert [one.values for one in axes.stacked(series)] == [[1, 2], [11, None], [5, 5], [1, 1]]
    drawn = drawings.draw(chart(*series))
    assert len(paths(drawn, "area")) == 2 and len(paths(drawn, "bars")) == 1


def test_what_is_stacked_is_told_by_letters_and_lines_by_dashes() -> None:
    found = chart(Series("a", [5] * 9, "area"), Series("b", [5] * 9, "area"), Series("c", [1] * 9))
    drawn = drawings.draw(found)
    assert ">A</text>" in drawn and ">B</text>" in drawn and [drawings.letter(found, at) for at in range(3)] == ["A", "B", ""]
    assert 'class="line c2 d2"' in drawn


def test_texts_are_texts() -> None:
    found = chart(Series(HOSTILE, [1, 2], scale=HOSTILE), notes=(Note(BEGIN, HOSTILE),))
    assert "<img" not in drawings.draw(found) and "<img" not in spark([1, None, 2], HOSTILE)


@pytest.mark.parametrize("values", [[], [None], [None, None], [0], [0, 0], [7], [1e12, -3], [0.001, 0.002]])
def test_any_values_can_be_drawn(values: list[float | None]) -> None:
    for inverted in (True, False):
        for kind in ("line", "area", "bars"):
            assert "nan" not in drawings.draw(chart(Series("a", values, kind), inverted=inverted))
