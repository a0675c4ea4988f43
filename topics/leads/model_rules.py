"""One rule of a points model, read from its table and checked."""

import difflib
import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

from topics.leads import fields, values
from topics.leads.model import ANY, OF_COMPANY, PARTS, Condition, Rule

MOST_POINTS, MOST_TEXTS, MOST_DAYS = 1000.0, 1000, 36_600.0

TIMELESS = ("tags", "domain")

KEYS = ("name", "part", "points", "when", "either", "each", "most", "fades")

TESTS = ("field", "is", "contains", "between", "at_least", "known", "within_days", "dated_within_days")


class Wrong(Exception):
    """What is wrong with a rule, and what to write instead."""


def read(said: Any, line: int) -> Rule:
    """The rule of a table. Raises Wrong."""
    if not isinstance(said, Mapping):
        raise Wrong("a rule is a table: begin it with a line [[rules]]")
    _known(said, KEYS, "setting of a rule")
    name, part, points = said.get("name"), said.get("part"), said.get("points")
    if not isinstance(name, str) or not 1 <= len(name.strip()) <= 100:
        raise Wrong('it needs a name of up to 100 characters: name = "industry we sell to"')
    if part not in PARTS:
        raise Wrong(f"part = {part!r:.30} is none: write one of {', '.join(PARTS)}")
    if not is_number(points, -MOST_POINTS, MOST_POINTS) or points == 0:
        raise Wrong(f"points = {points!r:.30} must be a number from -1000 to 1000, and not 0")
    when, either = _conditions(said, "when"), _conditions(said, "either")
    if not when and not either:
        raise Wrong('it needs a condition: when = { field = "phones", known = true }')
    each, fades = _flag(said, "each"), _flag(said, "fades")
    first = (when or either)[0]
    if fades and first.within_days is None and first.dated_within_days is None:
        raise Wrong("fades = true needs within_days or dated_within_days in its first condition: nothing says when it is gone")
    if each and not first.known:
        raise Wrong("each = true counts what is there: its first condition cannot be known = false")
    most = _most(said, float(points), each)
    return Rule(
        name=name.strip(), part=part, points=float(points), when=when, either=either, each=each, fades=fades, most=most, line=line
    )


def is_number(value: Any, least: float, most: float) -> TypeGuard[float]:
    """Whether a value is a number between these two."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and least <= value <= most


def near(name: object, known: Sequence[str]) -> str:
    """What may have been meant, for the end of an error."""
    found = difflib.get_close_matches(str(name), known, n=1, cutoff=0.6)
    return f"; did you mean {found[0]}?" if found else f": there are {', '.join(known)}"


def _most(said: Mapping[str, Any], points: float, each: bool) -> float:
    most = said.get("most")
    if not each:
        if most is not None:
            raise Wrong("most is for rules with each = true: drop it, points are the most that this rule gives")
        return points
    if not is_number(most, -MOST_POINTS, MOST_POINTS) or abs(float(most or 0)) < abs(points) or float(most or 0) * points < 0:
        raise Wrong(f"each = true needs the most that it gives, {points:g} or more: most = {points * 5:g}")
    return float(most or 0)


def _conditions(said: Mapping[str, Any], name: str) -> tuple[Condition, ...]:
    found = said.get(name, [])
    listed = [found] if isinstance(found, Mapping) else found
    if not isinstance(listed, list) or not all(isinstance(one, Mapping) for one in listed):
        raise Wrong(f'{name} is a condition or a list of them: {name} = {{ field = "country", is = ["DE"] }}')
    return tuple(_condition(one) for one in listed)


def _condition(said: Mapping[str, Any]) -> Condition:
    _known(said, TESTS, "part of a condition")
    field = said.get("field")
    every = (*fields.ALL, *OF_COMPANY, ANY)
    if field not in every:
        raise Wrong(f"field = {field!r:.40} is none{near(field, every)}")
    known = _flag(said, "known", default=True)
    tests = set(said) - {"field", "known"}
    if not tests and "known" not in said:
        raise Wrong(f"the condition on {field} says nothing: add is, contains, between, at_least, known, or within_days")
    if tests and not known:
        raise Wrong(f"known = false stands alone: what is not known has no {sorted(tests)[0]}")
    if field in TIMELESS and "within_days" in tests:
        raise Wrong(f"nobody knows since when {field} are so: drop within_days")
    if field == ANY and tests != {"within_days"}:
        raise Wrong('field = "any" is the newest fact of all: it takes within_days alone')
    return Condition(
        field=str(field),
        is_=_texts(said, "is"),
        contains=_texts(said, "contains"),
        between=_between(said.get("between")),
        at_least=_number(said, "at_least", 0.0, 1e12),
        known=known,
        within_days=_number(said, "within_days", 0.01, MOST_DAYS),
        dated_within_days=_number(said, "dated_within_days", 0.01, MOST_DAYS),
    )


def _texts(said: Mapping[str, Any], name: str) -> tuple[str, ...]:
    if name not in said:
        return ()
    given = said[name]
    listed = given if isinstance(given, list) else [given]
    if not 1 <= len(listed) <= MOST_TEXTS or not all(isinstance(one, str) and one.strip() for one in listed):
        raise Wrong(f'{name} = {given!r:.40} must be a text or a list of up to {MOST_TEXTS} texts: {name} = ["software"]')
    if empty := [one for one in listed if not values.folded(one)]:
        raise Wrong(f"{name} = {empty[0]!r:.40} has neither letters nor digits: nothing else is compared")
    return tuple(listed)


def _between(given: Any) -> tuple[float, float] | None:
    if given is None:
        return None
    is_pair = isinstance(given, list) and len(given) == 2 and all(is_number(one, -1e12, 1e12) for one in given)
    if not is_pair or given[0] > given[1]:
        raise Wrong(f"between = {given!r:.40} must be two numbers, the lower one first: between = [11, 200]")
    return float(given[0]), float(given[1])


def _number(said: Mapping[str, Any], name: str, least: float, most: float) -> float | None:
    if name not in said:
        return None
    if not is_number(said[name], least, most):
        raise Wrong(f"{name} = {said[name]!r:.30} must be a number from {least:g} to {most:g}")
    return float(said[name])


def _flag(said: Mapping[str, Any], name: str, default: bool = False) -> bool:
    value = said.get(name, default)
    if not isinstance(value, bool):
        raise Wrong(f"{name} = {value!r:.30} must be true or false, without quotes")
    return value


def _known(said: Mapping[str, Any], names: tuple[str, ...], what: str) -> None:
    for name in said:
        if name not in names:
            raise Wrong(f"{name!r:.40} is no {what}{near(name, names)}")
