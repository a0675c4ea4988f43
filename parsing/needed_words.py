"""Many patterns looked for in one text: each only where a word stands that it cannot do without.

Python tries every pattern at every letter. A word is found many times as quickly, and most texts have none of the words.
"""

import functools
import re
from collections.abc import Iterable, Sequence

from re import _constants as codes  # type: ignore[attr-defined]  # isort: skip
from re import _parser as syntax  # type: ignore[attr-defined]  # isort: skip
from typing import Any

#: In a shorter text the patterns are as quick as their words.
LEAST_CHARS = 200

#: Shorter words (bytes) stand everywhere; a pattern with more words gains nothing.
LEAST_BYTES, MOST_WORDS = 3, 60

NONE: frozenset[str] = frozenset()


class Patterns:
    """What `|` would join, with the same answer as the joined pattern. Texts are in lower case, and so are patterns."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self.joined = re.compile("|".join(patterns))
        self._each = [(one, needed(one)) for one in patterns]

    def search(self, text: str) -> re.Match[str] | None:
        """The first place in a text where one of them is found; at one place, the first of them."""
        if len(text) < LEAST_CHARS:
            return self.joined.search(text)
        best: re.Match[str] | None = None
        for pattern, words in self._each:
            if words and not any(word in text for word in words):
                continue
            found = _compiled(pattern).search(text)
            if found and (best is None or found.start() < best.start()):
                best = found
        return best


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def needed(pattern: str) -> frozenset[str]:
    """Words of which each match has at least one; none where there are no such words.

    >>> sorted(needed("(?:page|site)[^.]* (?:not found|is gone)")), needed("^[0-9]+$")
    (['is gone', 'not found'], frozenset())
    """
    return _of_all(syntax.parse(pattern))


def _of_all(parts: Iterable[Any]) -> frozenset[str]:
    """Of parts that follow each other: the longest words that one of them, or letters in a row, cannot do without."""
    found, run = [], ""
    for code, value in [*parts, (None, None)]:
        if code is codes.LITERAL:
            run += chr(value)
            continue
        found += [frozenset((run,)), _of_one(code, value)]
        run = ""
    usable = [words for words in found if words and len(words) <= MOST_WORDS and _shortest(words) >= LEAST_BYTES]
    return max(usable, key=lambda words: (_shortest(words), -len(words)), default=NONE)


def _shortest(words: frozenset[str]) -> int:
    return min(len(word.encode()) for word in words)


def _of_one(code: Any, value: Any) -> frozenset[str]:
    if code is codes.SUBPATTERN:
        return _of_all(value[-1])
    if code in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
        return _of_all(value[2]) if value[0] else NONE
    if code is codes.ATOMIC_GROUP:
        return _of_all(value)
    if code is codes.BRANCH:
        each = [_of_all(branch) for branch in value[1]]
        return frozenset().union(*each) if all(each) else NONE
    return NONE
