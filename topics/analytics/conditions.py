"""Conditions of a query: `industry = "Software" and (country in ("DE", "AT") or phones known) and not score < 50`.

A field with several values fulfils a condition where one of them does. Texts are equal whatever their case. `!=` is the same as
`not … =`: a company of which nothing is known fulfils it.
"""

from collections.abc import Callable, Sequence
from typing import Any

from parsing import industries
from parsing.contacts import lands
from topics.analytics import derived, fields, tokens
from topics.analytics.fields import Getter, Row
from topics.analytics.tokens import Words
from topics.leads import fields as lead_fields
from topics.leads import tables

Test = Callable[[Row], bool]

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


#: Words that go on with a query: as a value they stand in quotes.
RESERVED = frozenset({"and", "or", "not", "by", "where", "since", "within", "top", "bottom", "known", "missing", "invalid"})

#: Characters of a value that count: longer ones that begin alike are the same, so that every query can hold its values.
MOST_KEY = 500


def key(value: Any) -> str:
    """A value as it is compared and counted.

    >>> key(" Software "), key(5.0), key(True)
    ('software', '5', 'true')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:.15g}"
    return " ".join(str(value).split()).casefold()[:MOST_KEY].rstrip()


def read(words: Words, since_ms: int | None = None) -> Test:
    """The condition that comes next, as a function. Raises ArgumentError, which says where and what."""
    return _any(words, since_ms)


def _any(words: Words, since_ms: int | None) -> Test:
    found = [_all(words, since_ms)]
    while words.has("or"):
        found.append(_all(words, since_ms))
    return found[0] if len(found) == 1 else lambda row: any(test(row) for test in found)


def _all(words: Words, since_ms: int | None) -> Test:
    found = [_not(words, since_ms)]
    while words.has("and"):
        found.append(_not(words, since_ms))
    return found[0] if len(found) == 1 else lambda row: all(test(row) for test in found)


def _not(words: Words, since_ms: int | None) -> Test:
    words.depth += 1
    if words.depth > tokens.MOST_DEPTH:
        raise words.wrong(f"not more than {tokens.MOST_DEPTH} brackets stand in each other")
    try:
        if words.has("not"):
            inner = _not(words, since_ms)
            return lambda row: not inner(row)
        if not words.has("("):
            return _test(words, since_ms)
        inner = _any(words, since_ms)
        if not words.has(")"):
            raise words.wrong("a bracket is closed here, or `and` or `or` comes")
        return inner
    finally:
        words.depth -= 1


def _test(words: Words, since_ms: int | None) -> Test:
    name = fields.canonical(str(words.need("name", "a field, e.g. industry").value))
    get = fields.memoized(name, since_ms)
    is_said = words.has("is")
    word = words.has("known", "missing", "invalid", "contains", "in", "=", "!=", *COMPARISONS) or ("=" if is_said else "")
    if not word:
        raise words.wrong('known, missing, invalid, contains "…", in ("…", "…"), =, !=, <, <=, > or >= comes here')
    if word in ("known", "missing"):
        return (lambda row: bool(get(row))) if word == "known" else (lambda row: not get(row))
    if word == "invalid":
        wrong = fields.memoized("invalid")
        return lambda row: name in wrong(row)
    if word == "in":
        return _among(get, {key(value) for value in _list(words, name)})
    value = _value(words, name)
    if word == "contains":
        part = key(value)
        return lambda row: any(part in key(one) for one in get(row))
    if word in COMPARISONS or fields.is_moment(name):
        return _compared(words, name, get, (word, value))
    test = _among(get, {key(value)})
    return test if word == "=" else lambda row: not test(row)


def _among(get: Getter, wanted: set[str]) -> Test:
    return lambda row: any(key(one) in wanted for one in get(row))


def _compared(words: Words, name: str, get: Getter, asked: tuple[str, Any]) -> Test:
    """A comparison: of moments with a day, of texts that are days with a day, of numbers."""
    sign, value = asked
    is_day = isinstance(value, str) and bool(tokens.TOKEN.fullmatch(value)) and value[4:5] == "-"
    if fields.is_moment(name):
        if not is_day:
            raise words.wrong(f"{name} is compared with a day, e.g. {name} < 2026-01-31")
        value = tokens.ms_of(value)
    elif is_day and sign in COMPARISONS:
        return lambda row: any(COMPARISONS[sign](str(one), value) for one in get(row))  # type: ignore[arg-type]
    if sign not in COMPARISONS:
        return (lambda row: value in get(row)) if sign == "=" else (lambda row: value not in get(row))
    number = derived.number_of(value)
    if number is None:
        raise words.wrong(f"{sign} compares with a number or a day")
    compare = COMPARISONS[sign]
    return lambda row: any((found := derived.number_of(one)) is not None and compare(found, number) for one in get(row))


def _list(words: Words, name: str) -> Sequence[Any]:
    if not words.has("("):
        raise words.wrong('a list comes here: ("…", "…")')
    found = [_value(words, name)]
    while words.has(","):
        found.append(_value(words, name))
    if not words.has(")"):
        raise words.wrong("a comma or a closing bracket comes here")
    return found


def _stored(name: str, value: str) -> str:
    """A value as companies have it: a country by its code, an industry by its name in the table."""
    if name == lead_fields.COUNTRY:
        return lands.code(value) or value
    if name == lead_fields.INDUSTRY:
        return industries.of(value, tables.industry_names()) or value
    return value


def _value(words: Words, name: str) -> Any:
    """A value of a field: a text, a number, a day, true or false.

    In double quotes it is exactly that text. In other quotes, and as one word without, a country may have any of its names.
    """
    token = words.next
    if token.kind == "number":
        return float(words.take().value)
    if token.kind in ("text", "day"):
        return words.take().value
    if word := words.has("true", "false"):
        return word == "true"
    if token.kind == "said" or (token.kind == "name" and str(token.value).lower() not in RESERVED):
        return _stored(name, str(words.take().value))
    raise words.wrong("a value comes here: a text in quotes, a number, a day, true or false")
