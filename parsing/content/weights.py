"""The weights of the rules: a number for each feature, in each of two steps, fitted by `benchmarks/content_weights.py`.

A weight is a complex number: its real part belongs to the first step, its imaginary part to the second. So one pass over a page
adds up both steps. So is every score made of weights, until `scores.py` takes the two parts.
"""

import functools
import math
from collections.abc import Iterable, Mapping
from operator import mul
from pathlib import Path

from parsing.content import features

TABLE = Path(__file__).with_name("weights.tsv")
OPINION_LEVELS = (0, 1, 2, 3, 4, 6)
WINDOWS = ((-1, 0), (1, 2), (-3, 0), (1, 4), (-10, 0), (1, 11))
OPINION = (
    "first step",
    *(f"opinion box {level}" for level in OPINION_LEVELS),
    *(f"opinion lines {low} to {high}" for low, high in WINDOWS),
    "opinion page", "opinion best line", "opinion before", "opinion best box", "opinion worst box",
)  # fmt: skip
ENDS = '.!?。…:;"”)'
SENTENCE_ENDS = ".!?。！？"
COMMAS = 5  # more count as so many
KNOWN_SIZES = 20_000
Size = tuple[complex, complex, complex, complex, complex, complex]


class Weights:
    """Weights by what they are asked for. A feature without a weight counts nothing."""

    def __init__(self, table: Mapping[str, complex]) -> None:
        def those(scope: str, names: Iterable[str]) -> list[complex]:
            return [table.get(f"{scope}: {name}", 0j) for name in names]

        self.bias = table.get("bias", 0j)
        self.page = those("page", features.PAGE)
        self.levels = [those("box", (f"box {level} {name}" for name in features.OF_BOX)) for level in features.LEVELS]
        self.place_of_box = those("box", features.PLACE_OF_BOX)
        self.top_sides = those("box", ("after top", "before top"))
        self.outside = dict(zip(("main", "article"), those("box", ("outside main", "outside article")), strict=True))
        self.line = {name: table.get(f"line: {name}", 0j) for name in features.LINE}
        self.lasts = {
            char: (char in ENDS) * self.line["ends"] + (char in SENTENCE_ENDS) * self.line["sentence"]
            for char in ENDS + SENTENCE_ENDS
        }
        self.commas = [self.line["commas"] * count / COMMAS for count in range(COMMAS + 1)]
        self.inside = _prefixed(table, "names: in ")
        self.near = _prefixed(table, "names: near ")
        self.opinion = [value.imag for value in those("opinion", OPINION)]
        self._own = [self.line[name] for name in features.SIZE]
        self._sides = [[self.line[f"{side} {name}"] for name in features.OF_NEIGHBOUR] for side in features.SIDES]
        self.size = functools.lru_cache(KNOWN_SIZES)(self._size)

    def _size(self, words: int, link_words: int) -> Size:
        """What a line's size says about itself, about itself in a page of links only, and about its neighbours.

        The neighbours are the line after it, before it, two after and two before, as it is their "1 before" and so on.
        """
        size, links = math.log1p(words), link_words / (words or 1)
        own = (size, links, words < 4, words >= 10, words >= 25, links > 0.9, links == 0)
        brief = (size, links, words >= features.GOOD_WORDS and link_words < 0.4 * words)
        one_after, one_before, two_after, two_before = (dot(side, brief) for side in self._sides)
        return dot(self._own, own), links * self.line["link in linked page"], one_after, one_before, two_after, two_before


def dot(weights: Iterable[complex], values: Iterable[float]) -> complex:
    """The weighted sum of some values."""
    return sum(map(mul, weights, values), 0j)


def _prefixed(table: Mapping[str, complex], prefix: str) -> dict[str, complex]:
    return {name.removeprefix(prefix): value for name, value in table.items() if name.startswith(prefix)}


@functools.cache
def fitted() -> Weights:
    """The weights of `weights.tsv`."""
    _, *rows = (line.split("\t") for line in TABLE.read_text("utf-8").splitlines())
    return Weights({name: complex(float(first), float(second)) for name, first, second in rows})
