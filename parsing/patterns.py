"""Patterns that users give: regular expressions that cannot take long on any text.

Python tries every way a pattern can fit, so `(a+)+b` needs years for thirty letters. Each quantifier and each alternative
multiplies the ways; a pattern with too many of them for `LEAST_TEXT_CHARS` characters is refused, and a longer text is not tried.
"""

import functools
import re
from dataclasses import dataclass

import errors

MAX_CHARS = 300
LEAST_TEXT_CHARS = 200  # a text so long must be tried in time
MAX_TEXT_CHARS = 100_000
MAX_WAYS = 20_000_000
HOPELESS = 1e30
QUANTIFIER = re.compile(r"[*+?]|\{(\d{0,10})(?:(,)(\d{0,10}))?\}")


@dataclass(slots=True)
class _Group:
    """Ways to fit what stands in a pair of brackets: `ways` times the text's length to the power of `open`."""

    ways: float = 1.0
    alternatives: int = 1
    open: int = 0  # quantifiers without a bound

    def close(self) -> float:
        return self.ways * self.alternatives


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern that was found harmless for texts of at most `max_chars` characters."""

    regex: re.Pattern[str]
    max_chars: int


@functools.lru_cache(maxsize=256)
def compiled(pattern: str) -> Pattern:
    """A user's pattern, ready for `matches`. Raises DataError for one that is broken, or that could take long.

    >>> compiled("[A-Z]{2}-[0-9]+").max_chars, compiled("\\\\w+@\\\\w+[.]\\\\w+").max_chars
    (100000, 271)
    """
    if not pattern or len(pattern) > MAX_CHARS:
        raise _bad(pattern, f"it has {len(pattern)} characters: give 1 to {MAX_CHARS}")
    try:
        found = re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise _bad(pattern, f"it is no regular expression ({str(error)[:100]})") from None
    if (most := _longest(_walk(pattern))) < LEAST_TEXT_CHARS:
        raise _bad(pattern, "it can fit a text in too many ways: use fewer *, + and ?, and none after a bracket that holds one")
    return Pattern(found, most)


def _longest(whole: _Group) -> int:
    """The characters a text may have so that it is tried in at most `MAX_WAYS` ways."""
    each = MAX_WAYS / whole.close()
    if whole.open:
        return min(MAX_TEXT_CHARS, int(each ** (1 / whole.open)))
    return MAX_TEXT_CHARS if each >= 1 else 0


def matches(pattern: str, text: str) -> bool:
    """Whether a whole text fits a pattern. A text too long for the pattern fits it not."""
    known = compiled(pattern)
    return len(text) <= known.max_chars and known.regex.fullmatch(text) is not None


def _walk(pattern: str) -> _Group:
    """How many ways there can be at most, by a walk over the pattern."""
    groups, place, last = [_Group()], 0, _Group()
    while place < len(pattern):
        char = pattern[place]
        if char == "\\":
            if pattern[place + 1 : place + 2].isdigit():
                raise _bad(pattern, "it refers back to a group: write what the group holds instead")
            last, place = _Group(), place + 2
        elif char == "[":
            last, place = _Group(), _class_end(pattern, place)
        elif char == "(":
            if pattern[place + 1 : place + 2] == "?" and pattern[place + 2 : place + 3] != ":":
                raise _bad(pattern, "it looks ahead or names a group: use (?:…)")
            groups.append(_Group())
            place += 3 if pattern.startswith("(?:", place) else 1
        elif char == ")":
            last = groups.pop()
            groups[-1].ways *= last.close()
            groups[-1].open += last.open
            place += 1
        elif char == "|":
            groups[-1].alternatives += 1
            place += 1
        elif match := QUANTIFIER.match(pattern, place):
            _repeat(groups[-1], last, match)
            place = match.end() + (pattern[match.end() : match.end() + 1] in ("?", "+"))
        else:
            last, place = _Group(), place + 1
    return groups[0]


def _repeat(group: _Group, repeated: _Group, match: re.Match[str]) -> None:
    """Count a quantifier: its choices of length, and the ways of what it repeats as often as it does."""
    least, most = _bounds(match)
    inner = repeated.close()
    if most is None:
        group.open += 1
        if inner > 1 or repeated.open:
            group.ways = HOPELESS
        return
    group.open += repeated.open * max(0, most - 1)
    repeats = min(inner ** min(max(0, most - 1), 100), HOPELESS)
    group.ways = min(group.ways * (most - least + 1) * repeats, HOPELESS)


def _bounds(match: re.Match[str]) -> tuple[int, int | None]:
    sign = match[0][0]
    if sign in "*+?":
        return (1 if sign == "+" else 0), (1 if sign == "?" else None)
    least = int(match[1] or 0)
    most = (int(match[3]) if match[3] else None) if match[2] else least
    return least, most


def _class_end(pattern: str, place: int) -> int:
    place += 1 + pattern.startswith("^", place + 1)
    place += pattern.startswith("]", place)
    while place < len(pattern) and pattern[place] != "]":
        place += 2 if pattern[place] == "\\" else 1
    return place + 1


def _bad(pattern: str, fault: str) -> errors.DataError:
    return errors.DataError(f"pattern {pattern[:100]!r}: {fault}.")
