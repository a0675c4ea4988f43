"""Values of facts as rules compare them: words without case and accents, numbers, counts, dates."""

import re
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from parsing import names

#: A longer text is folded each time it is compared: it does not come again.
MOST_KEPT_CHARS = 200

DAY_MS = 86_400_000

_NUMBER = re.compile(r"\d[\d,.' \u00a0\u202f]*")
_RANGE = re.compile(r"\s*(\d[\d,.' \u00a0\u202f]*?)\s*(?:-|–|to|bis)\s*(\d[\d,.']*)(?!\s*-\s*\d)")
_BELOW = re.compile(r"\s*(?:<|under|below|up to)\s*(\d[\d,.' ]*)", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@lru_cache(maxsize=1 << 16)
def _kept(text: str) -> str:
    return names.folded(text)


def folded(text: str) -> str:
    """One spelling of a text: no case, no accents, no punctuation.

    >>> folded("  Software & IT-Services ")
    'software it services'
    """
    return _kept(text) if len(text) <= MOST_KEPT_CHARS else names.folded(text)


@lru_cache(maxsize=1 << 12)
def country(text: str) -> str:
    """A country by its code of two letters, whatever it is called; what is no country stays as it is, folded.

    >>> country("DE"), country("Deutschland"), country("germany")
    ('de', 'de', 'de')
    """
    plain = names.folded(text)
    return names.country_codes().get(plain, plain).lower()


@lru_cache(maxsize=1 << 14)
def number(text: str) -> float | None:
    """The number that a text says: the middle of a range, the bound of what is open; None where it says none.

    >>> number("11-50 people"), number("1,000+"), number("about 20"), number("many"), number("<10")
    (30.5, 1000.0, 20.0, None, 5.0)
    """
    if found := _RANGE.match(text):
        low, high = _plain(found[1]), _plain(found[2])
        return (low + high) / 2 if low is not None and high is not None else None
    if found := _BELOW.match(text):
        return half / 2 if (half := _plain(found[1])) is not None else None
    return _plain(found[0]) if (found := _NUMBER.search(text)) else None


def amount(value: Any) -> float | None:
    """A value as a number: of a list how many it has, of `True` 1; None where it is none."""
    kind = type(value)
    if kind is int or kind is float:
        return float(value)
    if kind is str:
        return number(value)
    if kind is list or kind is tuple:
        return float(len(value))
    return float(value) if kind is bool else None


def newest_ms(value: Any) -> int | None:
    """The newest of the dates with which a value, or the texts in it, begin (2026-11-28 …), in ms since 1970; None = none."""
    if type(value) is str:
        return _day_ms(value[:10])
    if type(value) is not list and type(value) is not tuple:
        return None
    found = [at_ms for one in value if type(one) is str and (at_ms := _day_ms(one[:10])) is not None]
    return max(found) if found else None


@lru_cache(maxsize=1 << 13)
def _day_ms(text: str) -> int | None:
    """The beginning of a day, in UTC; None where a text is none."""
    try:
        day = date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None
    return round(datetime.combine(day, datetime.min.time(), UTC).timestamp() * 1000) if day else None


def _plain(text: str) -> float | None:
    """A number as people write it: marks before three digits part thousands, another mark parts decimals."""
    text = re.sub(r"[' \u00a0\u202f]", "", text).rstrip(".,")
    text = re.sub(r"[.,](?=\d{3}(?!\d))", "", text).replace(",", ".")
    try:
        return float(text)
    except ValueError:
        return None
