"""How likely each line of a page belongs to its main content.

Two steps of logistic regression. The first one looks at each line by itself. The second one looks again, and knows what the first
one thought of the neighbours and of the boxes around. `weights.tsv` holds a weight for every feature, fitted on labelled pages by
`benchmarks/content_weights.py`; so a rule about a class name is a number that somebody measured.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from operator import mul

from parsing.content import box_scores, features, line_scores, opinions
from parsing.content.features import Measures
from parsing.content.lines import Outline
from parsing.content.weights import Weights, dot, fitted

MAX_LINES = 20_000
MANY_ALIKE, MOST = 3, 0.5  # lines of prose in one box, and the part of their words that decides
LIMIT = 30.0  # of a logit: beyond it `exp` says nothing new


def choose(outline: Outline) -> list[bool]:
    """Which lines are main content. Of a page with more than `MAX_LINES` all are: what stands around hardly counts there."""
    return with_their_like(outline, likely_best(outline, of(outline)))


def of(outline: Outline) -> list[float]:
    """The score of each line, from 0 to 1. An outline is scored once: its boxes keep their counts."""
    if not outline.lines or len(outline.lines) > MAX_LINES:
        return [1.0] * len(outline.lines)
    weights, measures = fitted(), features.measure(outline)
    both = both_steps(outline, measures, weights)
    first = [bounded(score.real) for score in both]
    seconds = opinions.of(outline, measures.parents, first, [likely(logit) for logit in first], weights)
    return [likely(bounded(score.imag + opinion)) for score, opinion in zip(both, seconds, strict=True)]


def both_steps(outline: Outline, measures: Measures, weights: Weights) -> list[complex]:
    """The logit of each line in both steps, the second one without opinions."""
    page = weights.bias + dot(weights.page, measures.page)
    boxes = {index: page + score for index, score in box_scores.of(outline, measures, weights).items()}
    own = line_scores.of(outline, measures.page[1], weights)
    return [boxes[line.box.index] + score for line, score in zip(outline.lines, own, strict=True)]


def likely_best(outline: Outline, scores: Sequence[float]) -> list[bool]:
    """Which lines to keep, so that the expected F1 of the words is highest. The bound is lower where all scores are low."""
    sizes = [line.words for line in outline.lines]
    expected = sum(map(mul, scores, sizes)) + 1e-9
    best, bound, hits, chosen = 0.0, 1.0, 0.0, 0
    for score, negative in sorted(zip(scores, [-number for number in range(len(sizes))], strict=True), reverse=True):
        size = sizes[-negative]
        hits += score * size
        chosen += size
        value = 2 * hits / (chosen + expected)
        if value > best:
            best, bound = value, score
    return [score >= bound for score in scores]


def with_their_like(outline: Outline, keep: Sequence[bool]) -> list[bool]:
    """The choice, and all prose of a box in which most of the prose is kept: text that only `<br>` divides stays together.

    A block of code between lines that are kept is kept, however short it is: it is what they speak of.
    """
    chosen = _with_code(outline, keep)
    of_box: dict[int, list[int]] = defaultdict(list)
    for number, line in enumerate(outline.lines):
        if features.is_prose(line):
            of_box[line.box.index].append(number)
    for numbers in of_box.values():
        words = sum(outline.lines[number].words for number in numbers)
        kept = sum(outline.lines[number].words for number in numbers if keep[number])
        if len(numbers) >= MANY_ALIKE and kept >= MOST * words:
            for number in numbers:
                chosen[number] = True
    return chosen


def _with_code(outline: Outline, keep: Sequence[bool]) -> list[bool]:
    """The choice, with the code between lines that are kept. Numbers of its rows are none."""
    if not any(box.tag == "pre" for box in outline.boxes):
        return list(keep)
    is_code = [any(box.tag == "pre" for box in features.chain_of(line.box)) for line in outline.lines]
    chosen, before = list(keep), False
    after = _next_kept(is_code, keep)
    for number, line in enumerate(outline.lines):
        if not is_code[number]:
            before = keep[number] if line.words else before
        elif _are_row_numbers(line.text):
            chosen[number] = False
        elif before and after[number]:
            chosen[number] = True
    return chosen


def _are_row_numbers(text: str) -> bool:
    """Whether a text is 1, 2, 3 … beside the rows of a block of code."""
    numbers = text.split()
    if len(numbers) < 2 or not (numbers[0].isascii() and numbers[0].isdigit() and len(numbers[0]) < 7):
        return False
    return numbers == [str(int(numbers[0]) + number) for number in range(len(numbers))]


def _next_kept(is_code: Sequence[bool], keep: Sequence[bool]) -> list[bool]:
    """For each line: whether the next one that is no code is kept. At the end of a page nothing follows, which is as good."""
    found, following = [True] * len(keep), True
    for number in range(len(keep) - 1, -1, -1):
        found[number] = following
        following = following if is_code[number] else keep[number]
    return found


def bounded(logit: float) -> float:
    """A logit within LIMIT."""
    return -LIMIT if logit < -LIMIT else LIMIT if logit > LIMIT else logit


def likely(logit: float) -> float:
    """The likelihood of a logit within LIMIT."""
    return 1 / (1 + math.exp(-logit))


def logit(likelihood: float) -> float:
    """The logit of a likelihood, within LIMIT.

    >>> round(logit(likely(2.5)), 9), logit(1.0)
    (2.5, 30.0)
    """
    return bounded(math.log(likelihood / (1 - likelihood))) if 0 < likelihood < 1 else math.copysign(LIMIT, likelihood - 0.5)
