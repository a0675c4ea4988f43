"""The weights of facts for each type, from tables that `benchmarks/forms_weights.py` fits. Unknown facts count nothing."""

import functools
import math
from collections.abc import Iterable
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

    def best(self, facts: Iterable[str]) -> tuple[str, float]:
        """The most likely type, and how likely it is (0…1)."""
        sums = [0.0] * len(self.types)
        for fact in sorted(facts):  # in one order, so that sums are the same in every process
            for at, weight in self._of.get(fact, ()):
                sums[at] += weight
        top = max(sums)
        return self.types[sums.index(top)], 1 / sum(math.exp(value - top) for value in sums)


@functools.cache
def fitted(name: str) -> Weights:
    """The table of one name."""
    return Weights(Path(__file__).with_name(name).read_text("utf-8").splitlines())
