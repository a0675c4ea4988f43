"""Fits the tables of parsing/forms (form_weights.tsv, field_weights.tsv) on labelled pages, and says how good they are on others.

    pip install numpy
    python benchmarks/forms_weights.py [../shared/corpus] [--write]

Both models are logistic regressions over the facts of `parsing/forms/features.py`. Quality is measured by cross-validation: sites
are dealt into `FOLDS` parts by a hash, and the forms and fields of each part are told with weights fitted on the others. The
tables that are written are fitted on all pages, so only these figures are honest. A fact that fewer than `MIN_SITES` sites show
gets no weight: no page and no site is learnt by heart.
"""

import argparse
import hashlib
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import forms_corpus
from parsing.forms import elements, features, reading, weights

try:
    import numpy  # type: ignore[import-not-found, unused-ignore]
except ImportError:
    numpy = None

FOLDS = 5
MIN_SITES = 3
STEPS, RATE = 250, 0.05  # of Adam; it is close enough by then
RIDGE_OF_FORMS, RIDGE_OF_FIELDS = 1.0, 1.0
LEAST_OF_FORMS, LEAST_OF_FIELDS = 0.03, 0.06  # smaller weights are left out of the tables
Array = Any


class Labelled(NamedTuple):
    """One form or field: its facts, its true type, its site."""

    facts: features.Facts
    type: str
    site: str


class Data:
    """The labelled forms of all pages; their fields, once the types of the forms are told."""

    def __init__(self, pages: Sequence[forms_corpus.Recorded]) -> None:
        self.groups: list[tuple[elements.Group, str, dict[str, str], str]] = []
        self.forms: list[Labelled] = []
        self._place: dict[int, int] = {}
        for page in pages:
            groups = reading.page(page.html).groups
            if len(groups) != len(page.forms):
                continue
            for group, form_type, fields in zip(groups, page.forms, page.fields, strict=True):
                self.groups.append((group, page.site, fields, urlsplit(page.url).path))
                if form_type:
                    self._place[len(self.groups) - 1] = len(self.forms)
                    self.forms.append(Labelled(features.of_form(group, urlsplit(page.url).path), form_type, page.site))

    def fields(self, told: Sequence[str]) -> list[Labelled]:
        """The labelled fields, with the types of their forms as a model told them; the first field of a name counts."""
        found = []
        for at, (group, site, types, _) in enumerate(self.groups):
            form_type = told[self._place[at]] if at in self._place else "other"
            controls = [control for control in group.controls if control.type != "hidden"]
            left = dict(types)
            for control, facts in zip(controls, features.of_fields(controls, form_type), strict=True):
                if control.name in left:
                    found.append(Labelled(facts, left.pop(control.name), site))
        return found


class Model:
    """One logistic regression over facts."""

    def __init__(self, rows: Sequence[Labelled], ridge: float) -> None:
        sites: dict[str, set[str]] = defaultdict(set)
        for row in rows:
            for fact in row.facts:
                sites[fact].add(row.site)
        self.types = sorted({row.type for row in rows})
        self.facts = {fact: at for at, fact in enumerate(sorted(fact for fact in sites if len(sites[fact]) >= MIN_SITES))}
        places = {name: at for at, name in enumerate(self.types)}
        truth = numpy.eye(len(self.types), dtype="float32")[[places[row.type] for row in rows]]
        self.table = _fit(self._matrix(rows), truth, ridge)

    def _matrix(self, rows: Sequence[Labelled]) -> Array:
        matrix = numpy.zeros((len(rows), len(self.facts)), dtype="float32")
        for at, row in enumerate(rows):
            matrix[at, [self.facts[fact] for fact in row.facts if fact in self.facts]] = 1
        return matrix

    def tell(self, rows: Sequence[Labelled]) -> list[str]:
        """The type of each form or field."""
        return [self.types[at] for at in (self._matrix(rows) @ self.table).argmax(1)] if rows else []

    def write(self, name: str, least: float) -> None:
        """Writes its table beside the code that reads it."""
        lines = ["\t".join(["fact", *self.types])]
        for fact, at in self.facts.items():
            cells = [f"{weight:.2f}".replace("0.", ".") if abs(weight) >= least else "" for weight in self.table[at]]
            if any(cells):
                lines.append("\t".join([fact, *cells]).rstrip("\t"))
        Path(weights.__file__).with_name(name).write_text("\n".join(lines) + "\n", "utf-8")


def _fit(matrix: Array, truth: Array, ridge: float) -> Array:
    table = numpy.zeros((matrix.shape[1], truth.shape[1]), dtype="float32")
    speed, size = table.copy(), table.copy()
    for step in range(1, STEPS + 1):
        scores = matrix @ table
        scores = numpy.exp(scores - scores.max(1, keepdims=True))
        slope = matrix.T @ (scores / scores.sum(1, keepdims=True) - truth) + ridge * table
        speed = 0.9 * speed + 0.1 * slope
        size = 0.99 * size + 0.01 * slope**2
        rate = RATE * (1 - step / (STEPS + 1))
        table -= rate * (speed / (1 - 0.9**step)) / (numpy.sqrt(size / (1 - 0.99**step)) + 1e-6)
    return table


def held_out(rows: Sequence[Labelled], ridge: float) -> list[str]:
    """The type of each form or field as a model tells it that was fitted on other sites."""
    told = [""] * len(rows)
    for fold in range(FOLDS):
        others = Model([row for row in rows if _part(row.site) != fold], ridge)
        places = [at for at, row in enumerate(rows) if _part(row.site) == fold]
        for at, name in zip(places, others.tell([rows[at] for at in places]), strict=True):
            told[at] = name
    return told


def _part(site: str) -> int:
    return int(hashlib.sha256(site.encode()).hexdigest(), 16) % FOLDS


def has_numpy() -> bool:
    """Whether models can be fitted here."""
    return numpy is not None


def share(rows: Sequence[Labelled], told: Sequence[str]) -> float:
    """The share of forms or fields told right."""
    return sum(row.type == name for row, name in zip(rows, told, strict=True)) / max(1, len(rows))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", nargs="?", type=Path, default=forms_corpus.CORPUS)
    parser.add_argument("--write", action="store_true", help="write the tables, fitted on all pages")
    arguments = parser.parse_args()
    if not has_numpy():
        sys.exit("This needs numpy: pip install numpy")
    data = Data(forms_corpus.recorded(arguments.corpus))
    told = held_out(data.forms, RIDGE_OF_FORMS)
    print(f"forms on sites that were left out   {share(data.forms, told):.3f} of {len(data.forms)}")
    fields = data.fields(told)
    if arguments.write:
        Model(data.forms, RIDGE_OF_FORMS).write(weights.FORMS, LEAST_OF_FORMS)
        Model(fields, RIDGE_OF_FIELDS).write(weights.FIELDS, LEAST_OF_FIELDS)
    print(f"fields on sites that were left out  {share(fields, held_out(fields, RIDGE_OF_FIELDS)):.3f} of {len(fields)}")


if __name__ == "__main__":
    main()
