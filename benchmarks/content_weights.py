"""Fits the tables of parsing/content (weights.tsv, kinds.tsv) on labelled pages, and says how good they are on others.

    pip install numpy
    python benchmarks/content_weights.py [../shared/corpus] [--write]

A line of a page is labelled by whether it stands in the page's known main text. Lines count by their words, pages alike. Quality
is measured by cross-validation: the pages are dealt into `FOLDS` parts by a hash of their names, and each part is read with
weights that were fitted on the others. The tables that are written are fitted on all pages, so only these figures are honest.
"""

import argparse
import hashlib
import itertools
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import content as benchmark
from parsing import tree
from parsing.content import features, kinds, lines, opinions, render, scores, weights

try:
    import numpy  # type: ignore[import-not-found, unused-ignore]
except ImportError:
    numpy = None

FOLDS, INNER_FOLDS = 4, 3
STEPS = 7  # of Newton's method; it is close enough by then
RIDGE, RIDGE_OF_KINDS = 50.0, 3.0
NEAR = 3  # boxes
RARE = 12  # names on fewer pages get no weight
WORD = re.compile(r"\w+")
Array = Any


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", nargs="?", type=Path, default=benchmark.CORPUS)
    parser.add_argument("--write", action="store_true", help="write the tables, fitted on all pages")
    arguments = parser.parse_args()
    if numpy is None:
        sys.exit("This needs numpy: pip install numpy")
    rows = benchmark.pages(arguments.corpus)
    data = Data(rows)
    honest = numpy.zeros(len(data.labels))
    for fold in range(FOLDS):
        train = numpy.array([_part(row, FOLDS) != fold for row in rows])
        *_, logits = two_steps(data, train)
        honest[~train[data.page]] = logits[~train[data.page]]
    report(data, honest)
    if arguments.write:
        first, second, _ = two_steps(data, numpy.ones(len(rows), bool))
        write_weights(data, first, second)
        write_kinds(data)


class Data:
    """The lines of all pages as one matrix. `page` is the page of each line; a label of -1 says nothing."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.rows = rows
        self.trees = [tree.parse(row["html"]) for row in rows]
        self.outlines = [lines.of(parsed) for parsed in self.trees]
        self.measures = [features.measure(outline) if outline.lines else None for outline in self.outlines]
        self.page = numpy.array([number for number, outline in enumerate(self.outlines) for _ in outline.lines])
        self.labels = numpy.array(
            [value for row, outline in zip(rows, self.outlines, strict=True) for value in labels(row, outline)]
        )
        weight = numpy.array([min(line.words, 60) ** 0.7 for outline in self.outlines for line in outline.lines])
        self.weight = 10 * weight / numpy.sqrt(numpy.bincount(self.page, weights=weight, minlength=len(rows)) + 1)[self.page]
        self.names = self._names()
        self.matrix = numpy.vstack([self._matrix(number) for number in range(len(rows)) if self.measures[number]])

    def _names(self) -> list[str]:
        pages: Counter[str] = Counter()
        for outline in self.outlines:
            pages.update(names_of(outline))
        return sorted(name for name, count in pages.items() if count >= RARE)

    def _matrix(self, number: int) -> Array:
        """What each feature of a page is: the score of its lines where this feature alone has a weight, of 1."""
        outline, measures = self.outlines[number], self.measures[number]
        assert measures is not None
        absent = {f"names: {name}" for name in self.names} - {f"names: {name}" for name in names_of(outline)}
        columns = self.columns()
        matrix = numpy.zeros((len(outline.lines), len(columns)), dtype=numpy.float32)
        present = [at for at, name in enumerate(columns) if name not in absent]
        for one, other in itertools.zip_longest(present[::2], present[1::2], fillvalue=-1):
            table = {columns[one]: 1 + 0j} if other < 0 else {columns[one]: 1 + 0j, columns[other]: 1j}
            found = numpy.array(scores.both_steps(outline, measures, weights.Weights(table)))
            matrix[:, one] = found.real
            if other >= 0:
                matrix[:, other] = found.imag
        return matrix

    def columns(self) -> list[str]:
        """The names of the features as the table has them."""
        scopes = (("page", features.PAGE), ("box", features.BOX), ("line", features.LINE), ("names", self.names))
        return [f"{scope}: {name}" for scope, names in scopes for name in names]


def names_of(outline: lines.Outline) -> set[str]:
    """The names of tags and groups around the lines of a page, as features."""
    names: set[str] = set()
    for box in {line.box.index: line.box for line in outline.lines}.values():
        for distance, outer in enumerate(features.chain_of(box)):
            own = (outer.tag, *outer.names)
            names.update(f"in {name}" for name in own)
            if distance < NEAR:
                names.update(f"near {name}" for name in own)
    return names


def labels(row: dict[str, Any], outline: lines.Outline) -> list[int]:
    """Of each line: 1 content, 0 none, -1 unknown."""
    if row["source"] == "traf":
        return [_by_snippets(row, line.text) for line in outline.lines]
    words = WORD.findall(row["text"].lower())
    grams = set(zip(*(words[shift:] for shift in range(4)), strict=False))
    whole = {" ".join(WORD.findall(part.lower())) for part in re.split(r"[\n|]+", row["text"])}
    run = f" {' '.join(words)} "
    return [_by_text(WORD.findall(line.text.lower()), grams, whole, run) for line in outline.lines]


def _by_snippets(row: dict[str, Any], text: str) -> int:
    if any(" ".join(snippet.split()) in text for snippet in row["with"]):
        return 1
    return 0 if any(" ".join(snippet.split()) in text for snippet in row["without"]) else -1


def _by_text(words: list[str], grams: set[tuple[str, ...]], whole: set[str], run: str) -> int:
    if not words:
        return -1
    if len(words) < 5:
        line = " ".join(words)
        return 1 if line in whole else -1 if f" {line} " in run else 0
    own = list(zip(*(words[shift:] for shift in range(4)), strict=False))
    return int(sum(gram in grams for gram in own) >= 0.5 * len(own))


def two_steps(data: Data, train: Array) -> tuple[Array, Array, Array]:
    """Weights of both steps (the last number is the bias), and the logits of all lines.

    For the second step, the opinions about the training pages come from weights that were fitted without them.
    """
    known = train[data.page] & (data.labels >= 0)
    first = fit(data.matrix[known], data.labels[known], data.weight[known], RIDGE)
    logits = data.matrix @ first[:-1] + first[-1]
    for fold in range(INNER_FOLDS):
        inside = train & numpy.array([_part(row, INNER_FOLDS, "inner") == fold for row in data.rows])
        rest = known & ~inside[data.page]
        others = fit(data.matrix[rest], data.labels[rest], data.weight[rest], RIDGE)
        logits[inside[data.page]] = data.matrix[inside[data.page]] @ others[:-1] + others[-1]
    matrix = numpy.hstack([data.matrix, opinions_of(data, logits)])
    second = fit(matrix[known], data.labels[known], data.weight[known], RIDGE)
    return first, second, matrix @ second[:-1] + second[-1]


def opinions_of(data: Data, logits: Array) -> Array:
    """The features OPINION of all lines, told as in `Data`: by one weight at a time."""
    bounded = numpy.clip(logits, -scores.LIMIT, scores.LIMIT)
    units = [weights.Weights({f"opinion: {name}": 1j}) for name in weights.OPINION]
    pages = []
    for number, (outline, measures) in enumerate(zip(data.outlines, data.measures, strict=True)):
        if measures is not None:
            own = bounded[data.page == number].tolist()
            likely = [scores.likely(logit) for logit in own]
            pages.append(numpy.array([opinions.of(outline, measures.parents, own, likely, unit) for unit in units]).T)
    return numpy.vstack(pages).astype(numpy.float32)


def fit(matrix: Array, target: Array, weight: Array, ridge: float) -> Array:
    """Logistic regression by Newton's method, on standardised columns; the weights are for the columns as they are."""
    mean, spread = matrix.mean(0), matrix.std(0)
    spread[spread < 1e-6] = 1
    design = numpy.hstack([(matrix - mean) / spread, numpy.ones((len(matrix), 1))]).astype(numpy.float32)
    penalty = numpy.full(design.shape[1], ridge)
    penalty[-1] = 0
    theta = numpy.zeros(design.shape[1])
    for _ in range(STEPS):
        likely = 1 / (1 + numpy.exp(-numpy.clip(design @ theta, -30, 30)))
        gradient = design.T @ (weight * (likely - target)) + penalty * theta
        curve = (design * (weight * likely * (1 - likely))[:, None]).T @ design + numpy.diag(penalty + 1e-6)
        step = numpy.linalg.solve(curve.astype(float), gradient.astype(float))
        theta -= step
        if abs(step).max() < 1e-4:
            break
    slopes = theta[:-1] / spread
    return numpy.append(slopes, theta[-1] - (slopes * mean).sum())


def report(data: Data, logits: Array) -> None:
    """Prints F1 by source and kind."""
    likely = 1 / (1 + numpy.exp(-numpy.clip(logits, -scores.LIMIT, scores.LIMIT)))
    pairs: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for number, (row, outline) in enumerate(zip(data.rows, data.outlines, strict=True)):
        keep = scores.likely_best(outline, likely[data.page == number].tolist())
        text = render.text_of([line for line, is_kept in zip(outline.lines, keep, strict=True) if is_kept])
        for kind in (row["kind"], "all"):
            pairs.setdefault((row["source"], kind), []).append(benchmark.counts(row, text))
    print("F1 by cross-validation")
    for (source, kind), found in sorted(pairs.items()):
        print(f"{source + ' ' + kind:24}{len(found):>6}{benchmark.f1(source, found):>8.3f}")


def write_weights(data: Data, first: Array, second: Array) -> None:
    names = [*data.columns(), *(f"opinion: {name}" for name in weights.OPINION)]
    rows = [("bias", first[-1], second[-1])]
    rows += [(name, first[at] if at < len(first) - 1 else 0.0, second[at]) for at, name in enumerate(names)]
    text = "".join(f"{name}\t{one:.4g}\t{two:.4g}\n" for name, one, two in rows)
    weights.TABLE.write_text("feature\tfirst\tsecond\n" + text, "utf-8")


def write_kinds(data: Data) -> None:
    """Softmax regression of the kind on the signals. Collections of articles alone count little."""
    triples = zip(data.rows, data.trees, data.outlines, strict=True)
    found = [
        set(kinds.signals(parsed.css(kinds.DECLARATIONS), outline, row.get("url") or "")) for row, parsed, outline in triples
    ]
    often = Counter(name for signals in found for name in signals)
    names = ["always", *sorted(name for name, count in often.items() if count >= RARE // 2)]
    design = numpy.array([[float(name == "always" or name in signals) for name in names] for signals in found])
    target = numpy.array([[float(row["kind"] == kind) for kind in kinds.KINDS] for row in data.rows])
    weight = numpy.array([1.0 if row["source"] == "wcxb" else 0.15 for row in data.rows])[:, None]
    theta = numpy.zeros((len(names), len(kinds.KINDS)))
    penalty = numpy.array([0.0] + [RIDGE_OF_KINDS] * (len(names) - 1))[:, None]
    for _ in range(4_000):
        logits = design @ theta
        likely = numpy.exp(logits - logits.max(1, keepdims=True))
        likely /= likely.sum(1, keepdims=True)
        theta -= 0.004 * (design.T @ (weight * (likely - target)) + penalty * theta)
    rows = "".join(name + "".join(f"\t{value:.2f}" for value in theta[at]) + "\n" for at, name in enumerate(names))
    kinds.TABLE.write_text("signal\t" + "\t".join(kinds.KINDS) + "\n" + rows, "utf-8")
    right = (design @ theta).argmax(1) == target.argmax(1)
    print(f"kinds told right on the pages they were fitted on: {right.mean():.2f}")


def _part(row: dict[str, Any], parts: int, salt: str = "") -> int:
    return int(hashlib.sha256((salt + row["file"]).encode()).hexdigest(), 16) % parts


if __name__ == "__main__":
    main()
