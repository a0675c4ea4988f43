"""What trafilatura keeps of a page, where it is installed (requirements-text.txt): a second opinion on each line."""

import functools
import importlib.util
import logging
import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from parsing.content import scores
from parsing.content.lines import Outline

MAX_CHARACTERS = 400_000  # longer pages took up to 2.5 s; they are read by our own rules alone
MAX_TAGS = 6_000
FAILURES = (ValueError, TypeError, AttributeError, LookupError, RecursionError, AssertionError)  # of lxml and its own, on junk
WORD = re.compile(r"\w+")
SHINGLE = 4  # words in a row that are looked up
NEARBY, MANY_ALIKE = 4, 50
SHORT = 5  # lines with fewer words are looked up whole
# How far it pulls the logit of a line that it keeps, of one that it leaves out, and the power of the agreement that both are
# multiplied by. Chosen on one half of the labelled pages: better than our rules alone on the other half of articles, and no worse
# on other pages, where it leaves out too much.
PULLS = {True: (0.5, 3.0, 4), False: (1.0, 1.0, 6)}  # by whether the page is an article


@functools.cache
def is_installed() -> bool:
    """Whether trafilatura can be imported."""
    return all(importlib.util.find_spec(name) for name in ("trafilatura", "lxml_html_clean"))


def ask(html: str, outline: Outline) -> list[bool] | None:
    """Which lines trafilatura keeps. None where it was not asked, found nothing, or failed."""
    if not outline.lines or not is_installed() or len(html) > MAX_CHARACTERS or html.count("<") > 2 * MAX_TAGS:
        return None
    text = _text(html)
    return kept(outline, text) if text else None


def kept(outline: Outline, text: str) -> list[bool]:
    """Which lines of a page stand in a text. A line that the page has twice is kept as often as the text has it."""
    words = WORD.findall(text.lower())
    run = f" {' '.join(words)} "
    shingles = set(zip(*(words[shift:] for shift in range(SHINGLE)), strict=False))
    whole = Counter(" ".join(WORD.findall(line.lower())) for line in re.split(r"[\n|]+", text))
    spoken = [" ".join(WORD.findall(line.text.lower())) for line in outline.lines]
    found = [_stands_in(line, shingles, whole) for line in spoken]
    _thin_out(spoken, found, whole, run)
    between = [before and after for before, after in zip([False, *found], [*found[1:], False], strict=False)]
    return [
        is_found or (is_between and f" {line} " in run) for is_found, is_between, line in zip(found, between, spoken, strict=True)
    ]


def agreement(outline: Outline, keep: Sequence[bool], other: Sequence[bool]) -> float:
    """How far two choices agree, from 0 to 1: the words of the lines that both keep, in relation to those that each keeps."""
    both = each = 0
    for line, is_kept, is_theirs in zip(outline.lines, keep, other, strict=True):
        both += line.words if is_kept and is_theirs else 0
        each += line.words * (is_kept + is_theirs)
    return 2 * both / each if each else 0.0


def pulled(likely: Sequence[float], other: Sequence[bool], agreement: float, *, is_article: bool) -> list[float]:
    """The score of each line, moved towards what trafilatura chose."""
    to_keep, to_leave, power = PULLS[is_article]
    trust = agreement**power
    pulls = {True: to_keep * trust, False: -to_leave * trust}
    return [scores.likely(scores.logit(score) + pulls[is_theirs]) for score, is_theirs in zip(likely, other, strict=True)]


def _thin_out(spoken: list[str], found: list[bool], whole: Counter[str], run: str) -> None:
    """Keep a line that the page has several times only as often as the text has it."""
    places: dict[str, list[int]] = defaultdict(list)
    for number, line in enumerate(spoken):
        places[line].append(number)
    once = [is_found and len(places[line]) == 1 for is_found, line in zip(found, spoken, strict=True)]
    for line, alike in places.items():
        if found[alike[0]] and 1 < len(alike) <= MANY_ALIKE:
            _keep_some(alike, once, found, max(whole[line], run.count(f" {line} "), 1))


def _keep_some(alike: list[int], once: list[bool], found: list[bool], most: int) -> None:
    """Of lines that are alike, keep those with the most kept lines around."""
    alike.sort(key=lambda number: -sum(once[max(0, number - NEARBY) : number + NEARBY + 1]))
    for number in alike[most:]:
        found[number] = False


def _stands_in(line: str, shingles: set[tuple[str, ...]], whole: Counter[str]) -> bool:
    words = line.split()
    if len(words) < SHORT:
        return bool(words) and whole[line] > 0
    hits = sum(shingle in shingles for shingle in zip(*(words[shift:] for shift in range(SHINGLE)), strict=False))
    return hits >= 0.5 * (len(words) - SHINGLE + 1)


def _text(html: str) -> str | None:
    import trafilatura  # type: ignore[import-not-found, unused-ignore]

    logging.getLogger("trafilatura").disabled = True  # it warns of every page in which it finds nothing
    try:
        found = trafilatura.extract(html, fast=True, include_comments=False)
    except FAILURES:
        return None
    return found if isinstance(found, str) else None
