"""The weights of facts for each type, from tables that `benchmarks/forms_weights.py` fits. Unknown facts count nothing."""

import functools
import math
from collections.abc import Callable, Iterable
from pathlib import Path

FORMS, FIELDS = "form_weights.tsv", "field_weights.tsv"


class Weights:
    """One table: what each fact says for or against each type."""

    def __init__(self, rows: Iterable[str]) -> None:
        head, *lines = rows
        self.types = head.split("\t")[1:]
        self._of: dict[str, list[tuple[int, float]]] = {}
        for line in lines:
            fact, *cells = line.split("\t")
            self._of[fact] = [(at, float(cell)) for at, cell in enumerate(cells) if cell]

    def best(self, facts: Iterable[str], may_be: Callable[[str], bool] | None = None) -> tuple[str, float]:
        """The most likely type of those that it `may_be`, and how likely it is (0…1) among them."""
        sums = [0.0] * len(self.types)
        for fact in sorted(facts):  # in one order, so that sums are the same in every process
            for at, weight in self._of.get(fact, ()):
                sums[at] += weight
        places = [at for at, name in enumerate(self.types) if may_be is None or may_be(name)]
        first = max(places, key=lambda at: sums[at])
        return self.types[first], 1 / sum(math.exp(sums[at] - sums[first]) for at in places)


@functools.cache
def fitted(name: str) -> Weights:
    """The table of one name."""
    return Weights(Path(__file__).with_name(name).read_text("utf-8").splitlines())
