"""What the first step thought of a line, of the boxes around it and of its neighbours: the weights of the features OPINION."""

import itertools
from collections.abc import Sequence
from operator import mul

from parsing.content.lines import Outline
from parsing.content.weights import Weights

REACH = 11  # lines that the widest window looks ahead
BOXES = 6  # in which the worst one is looked for


def of(
    outline: Outline, parents: Sequence[int], first: Sequence[float], likely: Sequence[float], weights: Weights
) -> list[float]:
    """The weighted sum of OPINION for each line, from the first step's logits and likelihoods."""
    own, by_box, by_window = weights.opinion[0], weights.opinion[1:7], weights.opinion[7:13]
    by_page, by_best, by_before, *by_best_and_worst_box = weights.opinion[13:]
    sizes = [max(1.0, line.words**0.8) for line in outline.lines]
    weighted = list(map(mul, likely, sizes))
    boxes = _Boxes(outline, parents, weighted, sizes, by_box + by_best_and_worst_box)
    sums, lengths = list(itertools.accumulate(weighted, initial=0.0)), list(itertools.accumulate(sizes, initial=0.0))
    page, before = by_page * sums[-1] / lengths[-1] + by_best * max(likely), by_before / (sums[-1] + 1e-9)
    windows = _windows(sums, lengths, likely, by_window)
    return [
        own * logit + boxes.score(line.box.index) + page + before * so_far + window
        for line, logit, so_far, window in zip(outline.lines, first, sums, windows, strict=False)
    ]


def _windows(sums: list[float], lengths: list[float], likely: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The mean of the lines in each of WINDOWS, weighted."""
    last, next_, three_before, three_after, ten_before, ten_after = weights
    s = [0.0] * 10 + sums + [sums[-1]] * REACH
    n = [0.0] * 10 + lengths + [lengths[-1]] * REACH
    values = []
    for at, before, after in zip(range(10, 10 + len(likely)), (0.0, *likely), (*likely[1:], 0.0), strict=False):
        value = last * before + next_ * after
        if at > 10:
            value += three_before * (s[at] - s[at - 3]) / (n[at] - n[at - 3])
            value += ten_before * (s[at] - s[at - 10]) / (n[at] - n[at - 10])
        if n[at + 2] > n[at + 1]:
            value += three_after * (s[at + 4] - s[at + 1]) / (n[at + 4] - n[at + 1])
            value += ten_after * (s[at + 11] - s[at + 1]) / (n[at + 11] - n[at + 1])
        values.append(value)
    return values


class _Boxes:
    """The mean of the lines in each box; what a box has from those around it is added up once for its children."""

    def __init__(
        self, outline: Outline, parents: Sequence[int], weighted: list[float], sizes: list[float], weights: list[float]
    ) -> None:
        self.parents, self.weights = parents, weights
        self.means = _means(outline, parents, weighted, sizes)
        self.best = _best(self.means, parents)
        self.outer: dict[int, tuple[float, float]] = {}
        self.scores: dict[int, float] = {}

    def score(self, index: int) -> float:
        known = self.scores.get(index)
        if known is None:
            mean, parent = self.means[index], self.parents[index]
            outer, worst = self.outer.get(parent) or self._outer(parent)
            known = self.weights[0] * mean + self.weights[-2] * self.best[index] + self.weights[-1] * min(mean, worst) + outer
            self.scores[index] = known
        return known

    def _outer(self, parent: int) -> tuple[float, float]:
        values, index = [], parent
        for _ in range(BOXES):
            values.append(self.means[index])
            index = self.parents[index]
        one, two, three, four, _, six = values
        _, by_one, by_two, by_three, by_four, by_six, *_ = self.weights
        known = by_one * one + by_two * two + by_three * three + by_four * four + by_six * six, min(values[: BOXES - 1])
        self.outer[parent] = known
        return known


def _means(outline: Outline, parents: Sequence[int], weighted: list[float], sizes: list[float]) -> list[float]:
    count = len(outline.boxes)
    sums, lengths = [0.0] * count, [0.0] * count
    for line, value, size in zip(outline.lines, weighted, sizes, strict=True):
        index = line.box.index
        sums[index] += value
        lengths[index] += size
    for index in range(count - 1, 0, -1):
        if length := lengths[index]:
            parent = parents[index]
            sums[parent] += sums[index]
            lengths[parent] += length
    return [value / (length or 1.0) for value, length in zip(sums, lengths, strict=True)]


def _best(means: list[float], parents: Sequence[int]) -> list[float]:
    """Of each box, the highest mean among itself and those around it."""
    best = means[:1]
    for mean, parent in zip(means[1:], parents[1:], strict=True):
        outer = best[parent]
        best.append(mean if mean > outer else outer)
    return best
