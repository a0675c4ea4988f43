"""What the rules know about each line of a page, as numbers with names, and what is counted for them.

Three scopes: the page, the box that a line stands in with the boxes around it, and the line with its neighbours. Names of tags
and groups count once anywhere around a line (`in nav`), and once more among the three nearest boxes (`near nav`). The numbers
themselves are never written down: `box_scores.py` and `line_scores.py` add up their weights.
"""

import math
from collections import defaultdict
from dataclasses import dataclass

from parsing.content.lines import Box, Line, Outline

GOOD_WORDS = 8  # from so many words, and with few links, a line reads like prose
LEVELS = (0, 1, 3)  # boxes around a line: the nearest, and those further out
VOTES = 4  # boxes that a paragraph votes for
MAX_CHAIN = 60  # boxes around a line that are looked at; ordinary pages nest less deep

PAGE = ("words", "links", "prose", "main", "article", "articles", "lines", "posts", "top share")
OF_BOX = ("links", "share", "prose", "words", "words a line", "siblings")
PLACE_OF_BOX = ("depth", "in top", "top distance", "top common", "top up")
BOX = (
    *(f"box {level} {name}" for level in LEVELS for name in OF_BOX),
    *PLACE_OF_BOX, "after top", "before top", "outside main", "outside article",
)  # fmt: skip
SIZE = ("words", "links", "few words", "some words", "many words", "all link", "no link")
SIDES = ("1 before", "1 after", "2 before", "2 after")
OF_NEIGHBOUR = ("words", "links", "prose")
AROUND = ("around words", "around links", "around prose")
LINE = (
    *SIZE, "link in linked page", "ends", "sentence", "commas", "lower", "upper", "digits", "heading", "twice",
    "place", "words before", "early", "late", "before h1", "after h1", "from h1",
    *(f"{side} {name}" for side in SIDES for name in OF_NEIGHBOUR), *AROUND,
)  # fmt: skip


@dataclass(slots=True)
class Measures:
    """The numbers of PAGE; the box that paragraphs vote for; and for each box the index of the box around it, 0 for the first."""

    page: list[float]
    top: Box
    parents: list[int]


def measure(outline: Outline) -> Measures:
    """Count the words of each box, once for an outline."""
    _count(outline)
    top = _top(outline)
    return Measures(_page(outline, top), top, [box.parent.index if box.parent is not None else 0 for box in outline.boxes])


def is_prose(line: Line) -> bool:
    """Whether a line reads like a sentence of a text."""
    return line.words >= GOOD_WORDS and line.link_words < 0.4 * line.words


def _count(outline: Outline) -> None:
    """Sum up the words of each box: every line counts for its box, and every box for its parent."""
    for line in outline.lines:
        box, words = line.box, line.words
        box.words += words
        box.link_words += line.link_words
        box.lines += 1
        if words >= GOOD_WORDS and line.link_words < 0.4 * words:
            box.good_words += words
    for box in reversed(outline.boxes):
        if box.lines and (parent := box.parent) is not None:
            parent.words += box.words
            parent.link_words += box.link_words
            parent.good_words += box.good_words
            parent.lines += box.lines


def _top(outline: Outline) -> Box:
    """The box that most paragraphs vote for, where few of its words are links."""
    boxes, votes = outline.boxes, _votes(outline)
    if not votes:
        return boxes[0]
    return boxes[max(votes, key=lambda index: votes[index] * (1 - boxes[index].link_words / max(1, boxes[index].words)))]


def _votes(outline: Outline) -> dict[int, float]:
    """Each paragraph votes by its words for the box around it, and about half as much for the next one outside."""
    votes: dict[int, float] = defaultdict(float)
    for line in outline.lines:
        if line.words < GOOD_WORDS or not is_prose(line):
            continue
        weight = float(min(line.words, 60))
        box = line.box.parent if line.box.tag in ("p", "li") else line.box
        for _ in range(VOTES):
            if box is None:
                break
            votes[box.index] += weight
            weight *= 0.55
            box = box.parent
    return votes


def _page(outline: Outline, top: Box) -> list[float]:
    boxes, root = outline.boxes, outline.boxes[0]
    words = root.words or 1
    articles = [box.words for box in boxes if box.tag == "article"]
    main = sum([box.words for box in boxes if box.tag == "main"])
    posts = sum(["post" in box.names for box in boxes])
    return [
        math.log1p(words),
        root.link_words / words,
        root.good_words / words,
        min(1.0, main / words),
        max(articles, default=0) / words,
        *map(math.log1p, (len(articles), len(outline.lines), posts)),
        top.words / words,
    ]


def chain_of(box: Box | None) -> list[Box]:
    """A box and those around it, at most `MAX_CHAIN`."""
    chain: list[Box] = []
    while box is not None and len(chain) < MAX_CHAIN:
        chain.append(box)
        box = box.parent
    return chain
