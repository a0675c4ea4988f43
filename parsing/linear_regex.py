"""Regular expressions of strangers, searched in a time that grows with the text alone.

Python's own engine tries one way after the other, and `(a+)+$` takes it years. This one follows all ways at once (Thompson 1968).
An expression with next to no choice in it, as most are, is left to Python's.
It answers only whether there is a match, so it knows neither captures nor what needs them: look-arounds, back references and
possessive repeats are refused.
"""

import functools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from errors import ArgumentError

# Python's own parser of the syntax; it has no public name since 3.11.
from re import _constants as names  # type: ignore[attr-defined]  # isort: skip
from re import _parser as syntax  # type: ignore[attr-defined]  # isort: skip

MAX_CHARS, MAX_STEPS, MAX_REPEATS = 2_000, 1_000, 200
MAX_TEXT = 10_000  # characters of a text that are searched: no address is longer

Accepts = Callable[[str], bool]

CATEGORIES: dict[Any, Accepts] = {
    names.CATEGORY_DIGIT: lambda char: char.isdigit(),
    names.CATEGORY_NOT_DIGIT: lambda char: not char.isdigit(),
    names.CATEGORY_SPACE: lambda char: char.isspace(),
    names.CATEGORY_NOT_SPACE: lambda char: not char.isspace(),
    names.CATEGORY_WORD: lambda char: char.isalnum() or char == "_",
    names.CATEGORY_NOT_WORD: lambda char: not (char.isalnum() or char == "_"),
}


@dataclass(slots=True)
class _Step:
    """A step of the machine: `accepts` one character, or `holds` at a place, or neither; then it goes on with `then`."""

    then: list[int] = field(default_factory=list)
    accepts: Accepts | None = None
    holds: Any = None


#: A longer pattern is not said again in other words.
MOST_SHOWN = 80


@functools.lru_cache(maxsize=512)
def compiled(pattern: str) -> "Pattern":
    """The expression, read once. Raises ArgumentError that names what is wrong with it.

    >>> compiled("^/blog/[0-9]{4}/").search("/blog/2026/a"), compiled("a|b$").search("xyz")
    (True, False)
    """
    if len(pattern) > MAX_CHARS:
        raise ArgumentError(f"The regular expression {pattern!r:.60} has more than {MAX_CHARS} characters")
    try:
        parsed = syntax.parse(pattern)
    except (re.error, OverflowError, RecursionError) as exc:
        raise ArgumentError(f"{pattern!r:.80} is no regular expression: {exc}{_of_wildcards(pattern)}") from None
    return Pattern(pattern, parsed)


def _of_wildcards(pattern: str) -> str:
    """What a pattern with wildcards is as an expression, to be said; "" for one without, or where that is none either.

    >>> _of_wildcards("*.pdf"), _of_wildcards("/blog/**"), _of_wildcards("(a")
    ('. With wildcards it is written .*\\\\.pdf$', '. With wildcards it is written /blog/.*', '')
    """
    if "*" not in pattern or len(pattern) > MOST_SHOWN:
        return ""
    meant = re.sub(r"\*+|[^\w*/-]", lambda found: ".*" if found[0][0] == "*" else re.escape(found[0]), pattern)
    return f". With wildcards it is written {meant if meant.endswith('*') else f'{meant}$'}"


class Pattern:
    """One expression. Step 0 is the end of every match."""

    def __init__(self, text: str, parsed: Any) -> None:
        self.text, self._folds = text, bool(parsed.state.flags & re.IGNORECASE)
        self._steps = [_Step()]
        self._start = self._sequence(parsed, 0)
        plain = _without_ends(text)
        self._plain = re.compile(plain) if _is_plain(syntax.parse(plain)) else None

    def search(self, text: str) -> bool:
        """Whether it matches anywhere in a text."""
        if self._plain and "\n" not in text:
            return self._plain.search(text[:MAX_TEXT]) is not None
        text = text[:MAX_TEXT].casefold() if self._folds else text[:MAX_TEXT]
        states: set[int] = set()
        for at, char in enumerate(text):
            states = self._closure({self._start, *states}, text, at)
            if 0 in states:
                return True
            steps = (self._steps[number] for number in states)
            states = {then for step in steps if step.accepts and step.accepts(char) for then in step.then}
        return 0 in self._closure({self._start, *states}, text, len(text))

    def _closure(self, states: Iterable[int], text: str, at: int) -> set[int]:
        """These steps, and all that are reached from them without a character."""
        found, todo = set(states), list(states)
        while todo:
            step = self._steps[todo.pop()]
            if step.accepts or (step.holds is not None and not _holds(step.holds, text, at)):
                continue
            new = [number for number in step.then if number not in found]
            found.update(new)
            todo += new
        return found

    def _add(self, step: _Step) -> int:
        if len(self._steps) >= MAX_STEPS:
            raise ArgumentError(f"The regular expression {self.text!r:.60} is too large: write several, or fewer repeats")
        self._steps.append(step)
        return len(self._steps) - 1

    def _sequence(self, items: Any, then: int) -> int:
        """The first step of a sequence that goes on with `then`."""
        for op, value in reversed(list(items)):
            then = self._item(op, value, then)
        return then

    def _item(self, op: Any, value: Any, then: int) -> int:
        if op is names.BRANCH:
            return self._add(_Step([self._sequence(branch, then) for branch in value[1]]))
        if op is names.SUBPATTERN:
            if value[1] or value[2]:
                raise ArgumentError(f"{self.text!r:.80} changes its flags within a group, which is not supported")
            return self._sequence(value[3], then)
        if op in (names.MAX_REPEAT, names.MIN_REPEAT):
            least, most, items = value
            return self._repeat(least, most, items, then)
        if op is names.AT:
            return self._add(_Step([then], holds=value))
        accepts = self._accepting(op, value)
        return self._add(_Step([then], accepts))

    def _repeat(self, least: int, most: Any, items: Any, then: int) -> int:
        if least > MAX_REPEATS or (most is not names.MAXREPEAT and most > MAX_REPEATS):
            raise ArgumentError(f"{self.text!r:.80} repeats more than {MAX_REPEATS} times")
        if most is names.MAXREPEAT:
            again = self._add(_Step([then]))
            self._steps[again].then.append(self._sequence(items, again))
            then = again
        else:
            last = then
            for _ in range(most - least):
                then = self._add(_Step([last, self._sequence(items, then)]))
        for _ in range(least):
            then = self._sequence(items, then)
        return then

    def _accepting(self, op: Any, value: Any) -> Accepts:
        fold = str.casefold if self._folds else str
        if op is names.ANY:
            return lambda char: char != "\n"
        if op is names.LITERAL:
            wanted = fold(chr(value))
            return lambda char: char == wanted
        if op is names.NOT_LITERAL:
            unwanted = fold(chr(value))
            return lambda char: char != unwanted
        if op is names.IN:
            return self._one_of(value)
        raise ArgumentError(f"{self.text!r:.80} has {str(op).lower().replace('_', ' ')}, which is not supported")

    def _one_of(self, items: Any) -> Accepts:
        negated = items[0][0] is names.NEGATE
        parts = [self._part(op, value) for op, value in items if op is not names.NEGATE]
        return lambda char: any(part(char) for part in parts) != negated

    def _part(self, op: Any, value: Any) -> Accepts:
        if op is names.RANGE:
            low, high = map(chr, value)
            if self._folds:
                return lambda char: low <= char <= high or low <= char.upper() <= high
            return lambda char: low <= char <= high
        return CATEGORIES[value] if op is names.CATEGORY else self._accepting(op, value)


def _without_ends(pattern: str) -> str:
    """The pattern without `.*` at its ends, which say nothing where any part of a text may match."""
    if "|" in pattern:
        return pattern
    pattern = pattern.removeprefix(".*")
    return pattern[:-2] if pattern.endswith(".*") and not pattern.endswith("\\.*") else pattern


def _is_plain(parsed: Any) -> bool:
    """Whether Python's engine is quick whatever the text: at most one repeat, or one branch, and not one in the other."""
    repeats = branches = options = 0
    todo = [list(parsed)]
    while todo:
        for op, value in todo.pop():
            if op is names.SUBPATTERN:
                todo.append(list(value[3]))
            elif op is names.BRANCH:
                branches += 1
                todo += [list(branch) for branch in value[1]]
            elif op in (names.MAX_REPEAT, names.MIN_REPEAT):
                is_option = value[1] == 1
                options, repeats = options + is_option, repeats + (not is_option)
                todo.append(list(value[2]))
    return options <= 2 and repeats + branches <= 1


def _holds(where: Any, text: str, at: int) -> bool:
    """Whether `^`, `$` or a boundary of words is at a place."""
    if where in (names.AT_BEGINNING, names.AT_BEGINNING_STRING):
        return at == 0
    if where in (names.AT_END, names.AT_END_STRING):
        return at == len(text)
    is_word = CATEGORIES[names.CATEGORY_WORD]
    before, after = at > 0 and is_word(text[at - 1]), at < len(text) and is_word(text[at])
    return (before != after) == (where is names.AT_BOUNDARY)
