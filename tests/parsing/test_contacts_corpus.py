"""Contacts of recorded pages with known answers; skipped where they are absent."""

import pytest

import models
from benchmarks import contacts as benchmark
from tests.parsing import samples

# Least recall and precision over all pages. What only a link says was not marked by people, so precision is lower than it seems.
FLOORS = {
    "phones": (0.955, 0.965),
    "shown": (0.97, 0.95),
    "street": (0.69, 0.75),
    "zipcode": (0.93, 0.96),
    "region": (0.50, 0.85),
    "city": (0.35, 0.75),
    "hours": (0.55, 0.55),
}


@pytest.fixture(scope="module")
def pages() -> tuple[list[benchmark.Row], list[models.Contacts]]:
    samples.need_corpus()
    rows = benchmark.read(samples.CORPUS)
    return rows, [benchmark.extracted(samples.CORPUS, row) for row in rows]


@pytest.mark.parametrize("name", FLOORS)
def test_recall_and_precision(name: str, pages: tuple[list[benchmark.Row], list[models.Contacts]]) -> None:
    counts = list(benchmark.counted(*pages, name))
    marks, ours = [one[3] for one in counts if not one[2]], [one[3] for one in counts if one[2]]
    recall, precision = sum(marks) / len(marks), sum(ours) / len(ours)
    assert recall >= FLOORS[name][0] and precision >= FLOORS[name][1], f"{name}: {recall:.3f}, {precision:.3f}"


def test_every_place_holds(pages: tuple[list[benchmark.Row], list[models.Contacts]]) -> None:
    """A snippet of a text is in the text; a number in a text stands at its position."""
    for found in pages[1]:
        for one in (*found.phones, *found.emails, *found.addresses, *found.hours):
            assert one.snippet or one.source == "hidden e-mail", one
            assert one.position is not None or one.source in ("structured data", "hidden e-mail"), one
