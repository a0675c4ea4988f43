"""Conditions of a points model, compiled once into functions that look at the facts of a company.

A test gives the fact in which its condition holds, None where it does not. `NOTHING` stands for a field that is rightly unknown.
The usual tests are one function each, without others inside: they run for every rule and company.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from lead_models import Fact
from topics.leads import numbers, values
from topics.leads.model import ANY, Condition

Facts = Mapping[str, Fact]
Test = Callable[[Facts, int], Fact | None]
Check = Callable[[Fact, int], bool]

NOTHING = Fact(value=None, source="", at_ms=0)

#: Texts of which it is remembered whether they hold certain words.
MOST_KEPT = 1 << 14


def compiled(condition: Condition) -> Test:
    """The test of one condition."""
    if condition.field == ANY:
        return _newest(condition.within_days or 0.0)
    if not condition.known:
        return _unknown(condition.field)
    checks = _checks(condition)
    if not checks:
        return _known(condition.field)
    return _single(condition.field, checks[0]) if len(checks) == 1 else _every(condition.field, checks)


def simple(condition: Condition) -> tuple[str, Check | None] | None:
    """Field and check of a condition that is no more than that, as most are; without a check it is enough that a value is known.

    A loop over these needs one call less a rule than a loop over tests.
    """
    if condition.field == ANY or not condition.known:
        return None
    checks = _checks(condition)
    return None if len(checks) > 1 else (condition.field, checks[0] if checks else None)


def first_of(tests: Sequence[Test]) -> Test:
    """The fact of the first of these that holds."""

    def test(facts: Facts, now_ms: int) -> Fact | None:
        for one in tests:
            if (fact := one(facts, now_ms)) is not None:
                return fact
        return None

    return test


def meant(condition: Condition) -> Callable[[Any], Any]:
    """What of a value a condition on texts means: of a list the texts that it names, else all of it."""
    fits = _text_check(condition)
    return lambda value: [one for one in value if fits(str(one))] if isinstance(value, list | tuple) else value


def _checks(condition: Condition) -> list[Check]:
    found: list[Check] = []
    if condition.is_ or condition.contains:
        found.append(_said(_text_check(condition)))
    if condition.between is not None:
        found.append(_between(*condition.between))
    if condition.at_least is not None:
        found.append(_between(condition.at_least, float("inf")))
    if condition.within_days is not None:
        found.append(_within(condition.within_days))
    if condition.dated_within_days is not None:
        found.append(_dated(condition.dated_within_days))
    return found


def _known(field: str) -> Test:
    def test(facts: Facts, now_ms: int) -> Fact | None:
        fact = facts.get(field)
        return fact if fact is not None and fact.value else None

    return test


def _unknown(field: str) -> Test:
    def test(facts: Facts, now_ms: int) -> Fact | None:
        fact = facts.get(field)
        return NOTHING if fact is None or not fact.value else None

    return test


def _single(field: str, check: Check) -> Test:
    def test(facts: Facts, now_ms: int) -> Fact | None:
        fact = facts.get(field)
        return fact if fact is not None and check(fact, now_ms) else None

    return test


def _every(field: str, checks: Sequence[Check]) -> Test:
    def test(facts: Facts, now_ms: int) -> Fact | None:
        fact = facts.get(field)
        if fact is None:
            return None
        for check in checks:
            if not check(fact, now_ms):
                return None
        return fact

    return test


def _newest(days: float) -> Test:
    most_ms = round(days * values.DAY_MS)

    def test(facts: Facts, now_ms: int) -> Fact | None:
        newest, at_ms = None, now_ms - most_ms - 1
        for fact in facts.values():
            if fact.at_ms > at_ms:
                newest, at_ms = fact, fact.at_ms
        return newest

    return test


def _text_check(condition: Condition) -> Callable[[str], bool]:
    """Whether a text is one of those that a condition names, and holds some of its words."""
    checks = [make(condition) for make, asked in ((_one_of, condition.is_), (_with_words, condition.contains)) if asked]
    return checks[0] if len(checks) == 1 else lambda text: all(check(text) for check in checks)


def _one_of(condition: Condition) -> Callable[[str], bool]:
    fold = values.country if condition.field == "country" else values.folded
    wanted = frozenset(map(fold, condition.is_))

    @lru_cache(maxsize=MOST_KEPT)
    def fits(text: str) -> bool:
        return fold(text) in wanted

    return fits


def _with_words(condition: Condition) -> Callable[[str], bool]:
    words = [values.folded(text) for text in condition.contains]
    firsts = [text.split()[0] for text in words]

    def fits(text: str) -> bool:
        if text.isascii():  # most texts hold none of them: that is seen without bringing them to one spelling
            plain = text.lower()
            for one in firsts:
                if one in plain:
                    break
            else:
                return False
        spaced = f" {values.folded(text)} "
        return any(f" {one} " in spaced for one in words)

    return fits


def _said(fits: Callable[[str], bool]) -> Check:
    def check(fact: Fact, now_ms: int) -> bool:
        value = fact.value
        if type(value) is str:
            return fits(value)
        if type(value) is not list and type(value) is not tuple:
            return value is not None and fits(str(value))
        return True in map(fits, map(str, value))

    return check


def _between(low: float, high: float) -> Check:
    def check(fact: Fact, now_ms: int) -> bool:
        found = numbers.amount(fact.value)
        return found is not None and low <= found <= high

    return check


def _within(days: float) -> Check:
    most_ms = round(days * values.DAY_MS)
    return lambda fact, now_ms: now_ms - fact.at_ms <= most_ms


def _dated(days: float) -> Check:
    most_ms = round(days * values.DAY_MS)

    def check(fact: Fact, now_ms: int) -> bool:
        at_ms = values.newest_ms(fact.value)
        return at_ms is not None and now_ms - at_ms <= most_ms

    return check
