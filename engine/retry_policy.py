"""How a job is tried again: by the class of its error, its kind and the error's category, from the file RETRY_POLICY names.

Read once a process; a worker does so before its first job. The more specific row wins, value by value (retry_policy.toml).
"""

import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple, Protocol

import config
import errors
from engine import registry, retry_rows

#: No wait is shorter (s).
LEAST_WAIT_S = 1.0

#: A wait does not grow more often than this: it has long been as long as it may be.
MOST_STEPS = 20


class Failing(Protocol):
    """What an error says of itself."""

    @property
    def category(self) -> str:
        """One of errors.CATEGORIES."""

    @property
    def retryable(self) -> bool:
        """Whether trying again may help."""

    @property
    def retry_after_s(self) -> float:
        """The first wait before that."""


class Rule(NamedTuple):
    """How often a job is tried again, and after which waits. `retries` 3: as often as the job allows."""

    retries: int
    first_wait_s: float
    factor: float
    cap_s: float
    jitter: float

    def allows(self, done: int) -> bool:
        """Whether there may be another retry after so many."""
        return self.retries >= registry.MAX_RETRIES or done < self.retries

    def longest_s(self, attempt: int, first_s: float | None = None) -> float:
        """The longest wait after that many failures. `first_s`: what the other side asked for, in place of the first wait."""
        first = min(self.cap_s, self.first_wait_s if first_s is None else first_s)
        return min(self.cap_s, first * self.factor ** min(attempt - 1, MOST_STEPS))

    def wait_s(self, attempt: int, first_s: float | None = None) -> float:
        """A wait, part of it drawn by lot (AWS Architecture Blog, "Exponential Backoff And Jitter", 2015)."""
        longest = self.longest_s(attempt, first_s)
        drawn = longest * self.jitter
        return max(LEAST_WAIT_S, longest - drawn + random.uniform(0, drawn))


class Row(NamedTuple):
    """A rule as it is shown: for which kind ("" = all) and for which category or class of errors ("" = the default)."""

    kind: str
    error: str
    rule: Rule


def of(kind: str, error: type[BaseException] | None, category: str) -> Rule:
    """The rule for an error of that class of errors.py (None: a foreign one) and category in a job of that kind."""
    return _rule(config.settings().retry_policy, kind, error.__name__ if error else "", category)


def may_retry(kind: str, known: type[BaseException] | None, error: Failing, done: int) -> bool:
    """Whether a job of that kind may be tried again after so many retries. What an error says other than its class is believed.

    `known`: its class of errors.py, None for a foreign error.
    """
    if error.retryable is not _default_of(known).retryable:
        return error.retryable
    return of(kind, known, error.category).allows(done)


def asked_s(known: type[BaseException] | None, error: Failing) -> float | None:
    """The first wait that the other side asked for; None where the error says no more than its class."""
    return None if error.retry_after_s == _default_of(known).retry_after_s else error.retry_after_s


def longest_wait_s(kind: str, error: Exception, attempt: int, first_s: float | None = None) -> float:
    """The wait after that many failures, none of it drawn by lot: for pages of a batch and checks of a keyword.

    `first_s`: the first wait that somebody set; else what the other side asked for, else that of the table.
    """
    if not isinstance(error, errors.TrawlError):
        return of(kind, None, "system").longest_s(attempt, first_s)
    known = nearest(error)
    return of(kind, known, error.category).longest_s(attempt, asked_s(known, error) if first_s is None else first_s)


def nearest(error: errors.TrawlError) -> type[errors.TrawlError]:
    """Its class of errors.py, or the nearest above it."""
    return retry_rows.nearest(type(error))


def load() -> None:
    """Read the file now. Raises ConfigError that names file, line and remedy."""
    _rows(config.settings().retry_policy)


def check() -> str:
    """Read the file anew, and say in short what it holds. Raises ConfigError that names file, line and remedy."""
    path = config.settings().retry_policy
    registry.load_jobs()
    return f"{len(retry_rows.read(path))} rows of {path.name}"


def every() -> list[Row]:
    """All rows as they hold: the default, the categories, the classes of errors, then those of kinds. As `load` raises."""
    rows, path = _rows(config.settings().retry_policy), config.settings().retry_policy
    categories = [Row("", name, _rule(path, "", "", name)) for name in errors.CATEGORIES]
    of_classes = [_row(path, "", names[1]) for names in rows if names[0] == "errors"]
    of_kinds = [_row(path, names[1], names[2]) for names in rows if names[0] == "kinds"]
    return [Row("", "", Rule(**rows["default",])), *categories, *of_classes, *of_kinds]  # type: ignore[arg-type]


def _row(path: Path, kind: str, name: str) -> Row:
    found = retry_rows.CLASSES.get(name)
    return Row(kind, name, _rule(path, kind, name if found else "", found.category if found else name))


def _default_of(known: type[BaseException] | None) -> type[errors.TrawlError]:
    """What an error is by its class; a foreign one is like a fault of the system."""
    return known if known is not None and issubclass(known, errors.TrawlError) else errors.SystemFault


@cache
def _rows(path: Path) -> retry_rows.Rows:
    registry.load_jobs()
    return retry_rows.read(path)


@cache
def _rule(path: Path, kind: str, error: str, category: str) -> Rule:
    rows, values = _rows(path), dict[str, float]()
    for name in _names(kind, error, category):
        values = {**rows.get(name, {}), **values}
    return Rule(**values)  # type: ignore[arg-type]


def _names(kind: str, error: str, category: str) -> Iterator[tuple[str, ...]]:
    """The rows that speak of it, the most specific first."""
    classes = _with_those_above(error)
    yield from (("kinds", kind, name) for name in classes)
    yield from (("errors", name) for name in classes)
    yield from (("kinds", kind, category), ("categories", category), ("default",))


def _with_those_above(error: str) -> list[str]:
    """A class of errors and those above it; the base of all our errors speaks for itself alone."""
    found = retry_rows.CLASSES.get(error)
    above = [one.__name__ for one in found.__mro__ if issubclass(one, errors.TrawlError)] if found else []
    return above if len(above) == 1 else above[:-1]
