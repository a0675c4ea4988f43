"""What a line says by itself, by its place, and by its neighbours: the weights of the features LINE."""

import itertools
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from parsing.content.features import AROUND, is_prose
from parsing.content.lines import HEADINGS, Line, Outline
from parsing.content.weights import COMMAS, Size, Weights

DIGITS = re.compile(r"\d")
ASCII_DIGITS = b"0123456789"
START = 80  # characters in which digits are counted
WINDOW = 6  # lines before and after
NO_LINE: Size = (0j, 0j, 0j, 0j, 0j, 0j)


def of(outline: Outline, page_links: float, weights: Weights) -> list[complex]:
    """The score of each line without its boxes. `page_links` is the part of the page's words that are links."""
    lines, line_weight = outline.lines, weights.line
    sizes = [NO_LINE, NO_LINE, *[weights.size(line.words, line.link_words) for line in lines], NO_LINE, NO_LINE]
    twice = {text for text, count in Counter([line.text for line in lines]).items() if count > 1}
    heading, alike = line_weight["heading"], line_weight["twice"]
    scores = []
    five = zip(sizes, sizes[1:], sizes[2:], sizes[3:], sizes[4:], strict=False)
    rows = zip(lines, five, _places(outline, weights), _around(lines, weights), strict=True)
    for line, (two_before, before, own, after, two_after), place, around in rows:
        text = line.text
        score = own[0] + page_links * own[1] + before[2] + after[3] + two_before[4] + two_after[5]
        score += place + around + _shape(text, weights)
        if line.box.tag in HEADINGS:
            score += heading
        if text in twice:
            score += alike
        scores.append(score)
    return scores


def _shape(text: str, weights: Weights) -> complex:
    """How a text begins and ends, its commas and digits."""
    score = weights.lasts.get(text[-1:], 0j)
    if "," in text:
        score += weights.commas[min(COMMAS, text.count(","))]
    if text[:1].islower():
        score += weights.line["lower"]
    elif text.isupper():
        score += weights.line["upper"]
    if digits := _digits(text):
        score += weights.line["digits"] * (digits / min(START, len(text)))
    return score


def _digits(text: str) -> int:
    if not text.isascii():
        return len(DIGITS.findall(text, 0, START))
    start = text[:START].encode()
    return len(start) - len(start.translate(None, ASCII_DIGITS))


def _places(outline: Outline, weights: Weights) -> Iterator[complex]:
    """Where each line stands: in the page, and in relation to its title."""
    lines, line_weight = outline.lines, weights.line
    total, count = outline.boxes[0].words or 1, len(lines)
    title = next((number for number, line in enumerate(lines) if line.box.tag == "h1"), count)
    early, late = 0.1 * total, 0.9 * total
    by_number, by_words = line_weight["place"] / count, line_weight["words before"] / total
    far, is_early, is_late = line_weight["from h1"], line_weight["early"], line_weight["late"]
    has_title, before = title < count, 0
    before_title = line_weight["before h1"] if has_title else 0j
    for number, line in enumerate(lines):
        score = by_number * number + by_words * before
        before += line.words
        score += (far * min(1.0, abs(number - title) / 30)) if has_title else far * 0.5
        if before < early:
            score += is_early
        if before > late:
            score += is_late
        yield score + (line_weight["after h1"] if title <= number else before_title)


def _around(lines: Sequence[Line], weights: Weights) -> Iterator[complex]:
    """Words, share of links and of prose in the lines around each one, without itself."""
    own = [(line.words, line.link_words, line.words if is_prose(line) else 0) for line in lines]
    words, links, prose = (_padded(column) for column in zip(*own, strict=True))
    by_words, by_links, by_prose = (weights.line[name] for name in AROUND)
    log, width = math.log1p, 2 * WINDOW + 1
    for number, (own_words, own_links, own_prose) in enumerate(own):
        high = number + width
        size = words[high] - words[number] - own_words
        share_of_links = (links[high] - links[number] - own_links) / (size or 1)
        share_of_prose = (prose[high] - prose[number] - own_prose) / (size or 1)
        yield by_words * log(size) + by_links * share_of_links + by_prose * share_of_prose


def _padded(column: Sequence[int]) -> list[int]:
    """Running sums that go on at both ends, so that a window may reach beyond the page."""
    sums = list(itertools.accumulate(column, initial=0))
    return [0] * WINDOW + sums + [sums[-1]] * WINDOW
